import { err, ok, percentDecoded, type Result } from '#base';
import { splitOptions } from './options.ts';
import { redacted } from './redact.ts';
import type { AzReference, UriProblem } from './reference.ts';

/** `az://container/blob`, `az://container@account/blob`, or the URL of a blob; each perhaps with a shared access signature. */
export function parseAz(uri: string): Result<AzReference, UriProblem> {
  const query = queryOf(uri);
  if ('problem' in query) return err({ uri: redacted(uri), ...query });
  const place = isBlobUrl(uri) ? placeOfUrl(uri) : placeOf(query.rest);
  if ('problem' in place) return err({ uri: redacted(uri), ...place });
  const { rest: _rest, ...behind } = query;
  return ok({ scheme: 'az', ...place, ...behind });
}

type Problem = Omit<UriProblem, 'uri'>;
type Place = Pick<AzReference, 'endpoint' | 'account' | 'container' | 'key'>;

/**
 * Where the cloud and its national ones keep blobs. Nothing else is taken for one: it would be sent a token of the account.
 * https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints
 */
const BLOB_HOST =
  /^([a-z0-9]{3,24}(?:-secondary)?)\.(?:blob\.core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn|cloudapi\.de)|z\d{1,2}\.blob\.storage\.azure\.net)$/;

/** Whether a URL is that of a blob, a folder of blobs, or a container. */
export function isBlobUrl(uri: string): boolean {
  return URL.canParse(uri) && new URL(uri).protocol === 'https:' && BLOB_HOST.test(new URL(uri).hostname);
}

function placeOf(uri: string): Place | Problem {
  const [, slashes = '', place = '', below = ''] = /^az:(\/*)([^/]*)(.*)$/is.exec(uri) ?? [];
  const [container = '', account, ...more] = place.split('@');
  if (slashes !== '//') {
    const remedy = place === '' ? undefined : `az://${place}${below}`;
    return { problem: 'a container must stand behind az://', remedy };
  }
  const problem = containerProblem(container) ?? accountProblem(account, more);
  if (problem !== undefined) return { problem };
  return { ...(account !== undefined && { account }), container, key: trimmed(below) };
}

/** A URL is percent-encoded, and so is the blob in it; in the short form names stand as they are. */
function placeOfUrl(uri: string): Place | Problem {
  const { hostname, origin, pathname, username, password, hash } = new URL(uri);
  if (username + password + hash !== '')
    return { problem: 'a user or a # cannot stand in the URL of a blob' };
  const [, account = ''] = BLOB_HOST.exec(hostname) ?? [];
  const [, container = '', below = ''] = /^\/([^/]*)(.*)$/s.exec(pathname) ?? [];
  const key = percentDecoded(trimmed(below));
  if (key === undefined) return { problem: 'its path has a % that begins no character' };
  const problem = containerProblem(container);
  return problem === undefined ? { endpoint: origin, account, container, key } : { problem };
}

/** The signature stays as it was written: what is written anew may not be what was signed. */
function queryOf(uri: string): ({ rest: string } & Pick<AzReference, 'sas' | 'options'>) | Problem {
  const at = uri.lastIndexOf('?');
  const pairs = at === -1 ? [] : uri.slice(at + 1).split('&');
  // A snapshot or version would be another blob than the one that is read.
  const other = pairs.find(pair => /^(?:snapshot|versionid)=/i.test(pair))?.split('=')[0];
  if (other !== undefined)
    return { problem: `a blob's ${other} cannot be asked for; copy it to a blob of its own` };
  if (!pairs.some(pair => pair.startsWith('sig='))) return optionsOf(uri);
  return { rest: uri.slice(0, at), sas: pairs.join('&'), options: {} };
}

function optionsOf(uri: string): ({ rest: string } & Pick<AzReference, 'options'>) | Problem {
  const split = splitOptions(uri, { anonymous: 'flag' });
  if (split.ok) return split.value;
  const { problem, remedy } = split.error;
  return { problem, remedy };
}

function containerProblem(container: string): string | undefined {
  if (container === '') return 'it names no container';
  if (/^(?:(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$root|\$web)$/.test(container)) return undefined;
  return `no container can have the name '${container}'`;
}

function accountProblem(account: string | undefined, more: readonly string[]): string | undefined {
  if (account === undefined) return undefined;
  const isName = more.length === 0 && /^[a-z0-9]{3,24}$/.test(account);
  return isName ? undefined : 'a storage account behind @ has 3 to 24 small letters and digits';
}

function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
