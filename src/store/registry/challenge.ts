/** What a registry asks for before it answers: `WWW-Authenticate`, RFC 9110 §11.6.1. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service?: string; readonly scope?: string };

/** The one of its challenges that is understood: tokens before passwords. */
export function challengeOf(header: string | undefined): Challenge | undefined {
  const found = [
    ...(header ?? '').matchAll(
      /(?:^|,)\s*(basic|bearer)\s+((?:[a-z_]+=(?:"[^"]*"|[^\s,"]*)(?:\s*,\s*(?=[a-z_]+=))?)*)/gi,
    ),
  ];
  const bearer = found.find(([, scheme]) => scheme?.toLowerCase() === 'bearer');
  if (bearer !== undefined) return bearerOf(bearer[2] ?? '');
  const isBasic = /(?:^|,)\s*basic(?:\s|$)/i.test(header ?? '');
  return isBasic ? { scheme: 'basic' } : undefined;
}

function bearerOf(text: string): Challenge | undefined {
  const values: Record<string, string> = {};
  for (const [, name = '', quoted, bare] of text.matchAll(/([a-z_]+)=(?:"([^"]*)"|([^\s,"]*))/gi))
    values[name.toLowerCase()] = quoted ?? bare ?? '';
  const { realm, service, scope } = values as { realm?: string; service?: string; scope?: string };
  if (realm === undefined || realm === '') return undefined;
  return { scheme: 'bearer', realm, ...(service && { service }), ...(scope && { scope }) };
}
