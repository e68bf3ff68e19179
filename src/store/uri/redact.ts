/** Queries of these names are no secret: they say where, not who. */
const TOLD: readonly string[] = [
  'endpoint',
  'region',
  'profile',
  'addressing',
  'anonymous',
  'insecure',
  'versionId',
  'generation',
  'download',
];

/**
 * A URI as it may be shown: without a user and password, and without the values of its query, which may be the signature of a
 * signed URL or a token. What is shown is no longer a URI to fetch.
 */
export function redacted(uri: string): string {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*:\/*)([\s\S]*)$/i.exec(uri) ?? [];
  if (scheme === undefined) return uri;
  const isHttp = /^https?:/i.test(scheme);
  // Elsewhere an @ alone has an account behind it, or a revision; what has a colon before it is a password.
  const user = isHttp ? /^[^/?#]*@/ : /^[^/?#@]*:[^/?#@]*@/;
  const query = isHttp ? /\?[\s\S]*$/ : /\?(?=[^?]*=)[^?]*$/;
  const shown = rest.replace(PASSWORD, '***@').replace(user, '***@');
  return scheme + shown.replace(query, text => `?${hiddenAll(text.slice(1))}`);
}

/** What stands behind the colon of a host is digits; a password may have in it what would end the host. */
const PASSWORD = /^[^/?#@[]*:(?!\d*(?:[/?#]|$))[\s\S]*@/;

/** What is said of a URI, without what may be secret of it: it may quote a part. */
export function redactedWithin(text: string): string {
  return text.replaceAll(/[^\s'/]*:[^\s']*@/g, '***@');
}

function hiddenAll(query: string): string {
  return query.split('&').map(hidden).join('&');
}

function hidden(pair: string): string {
  const [name = '', value] = pair.split('=');
  if (TOLD.includes(name) && !/@|%40/.test(pair)) return pair;
  return value === undefined ? '***' : `${name}=***`;
}
