/**
 * Where models may come from: a scheme, or a place and all that lies below it. A rule is read once and compared in parts, and
 * never as text: `s3://models` is no prefix of `s3://models-evil`, and `https://host` none of `https://host.evil`.
 */
import { err, ok, percentDecoded, type Result } from '#base';

export const sourceSchemes = ['file', 'pvc', 's3', 'gs', 'az', 'oci', 'hf', 'https', 'http'] as const;
export type SourceScheme = (typeof sourceSchemes)[number];

/** A place that models lie in or below. */
export interface SourcePlace {
  readonly scheme: SourceScheme;
  /** From the host or bucket down, in canonical form; of a rule that is a scheme alone there are none. */
  readonly parts: readonly string[];
  /** Who is asked, where the URI says so and it is not whom the scheme usually means. */
  readonly endpoint?: string | undefined;
}

const NOT_A_SOURCE =
  'must be a scheme such as s3 or file, or a place such as s3://bucket/models/ or oci://ghcr.io/acme/: all below it is let in';

/** Reads a rule of `policy.sources`. */
export function readSource(text: string): Result<SourcePlace, string> {
  const word = schemeOf(text);
  if (word !== undefined) return ok({ scheme: word, parts: [] });
  const [, name = '', rest = ''] = /^([a-z][a-z0-9]*):\/\/(.*)$/is.exec(text) ?? [];
  const scheme = schemeOf(name.toLowerCase());
  if (scheme === undefined) return err(NOT_A_SOURCE);
  if (/[*\s\\]/.test(rest))
    return err('must be a place as it is, without patterns or spaces: all below it is let in anyway');
  return scheme === 'https' || scheme === 'http' ? addressRule(text) : placeRule(scheme, rest);
}

function schemeOf(text: string): SourceScheme | undefined {
  return sourceSchemes.find(scheme => scheme === text);
}

function placeRule(scheme: SourceScheme, rest: string): Result<SourcePlace, string> {
  const [path = '', query] = rest.split('?', 2);
  const absolute = scheme === 'file';
  if (absolute && !path.startsWith('/')) return err('must be an absolute path: file:///models');
  const parts = (absolute ? path.slice(1) : path).replace(/\/$/, '').split('/');
  if (parts[0] === '')
    return absolute ? ok({ scheme, parts: [] }) : err(`names nothing; ${scheme} alone lets all in`);
  if (parts.some(part => part === '' || isDots(part))) return err("must not hold '.', '..' or '//'");
  const endpoint = endpointRule(scheme, query);
  if (!endpoint.ok) return endpoint;
  if (scheme === 'az') return ok(azureRule(parts));
  const [first = '', ...below] = parts;
  const host = scheme === 'oci' ? registryName(first) : first;
  return ok({ scheme, parts: [host, ...below], endpoint: endpoint.value });
}

/** `container@account` is at the account's address; a container alone is of the account that the environment names. */
function azureRule([first = '', ...below]: readonly string[]): SourcePlace {
  const [container = '', account] = first.split('@', 2);
  if (account === undefined) return { scheme: 'az', parts: [container, ...below] };
  return { scheme: 'https', parts: [new URL(azureService(account)).host, container, ...below] };
}

function endpointRule(scheme: SourceScheme, query: string | undefined): Result<string | undefined, string> {
  if (query === undefined) return ok(undefined);
  const options = [...new URLSearchParams(query)];
  const [[name, value] = ['', '']] = options;
  if (options.length === 1 && name === 'insecure' && scheme === 'oci' && value === 'true') return ok('http');
  const isNamed = options.length === 1 && name === 'endpoint' && (scheme === 's3' || scheme === 'gs');
  const endpoint = isNamed ? endpointName(value) : undefined;
  return endpoint === undefined
    ? err('must have no options but ?endpoint=https://… (s3, gs) or ?insecure=true (oci)')
    : ok(endpoint);
}

function addressRule(text: string): Result<SourcePlace, string> {
  const place = addressPlace(text);
  if (place === undefined) return err('must be an address without .., %2f or the like');
  const { username, password, search, hash } = new URL(text);
  return username + password + search + hash === ''
    ? ok({ ...place, parts: place.parts.at(-1) === '' ? place.parts.slice(0, -1) : place.parts })
    : err('must hold no user, query or fragment');
}

/** The place of an address of HTTP; undefined where servers could read its path in more than one way. */
export function addressPlace(text: string): SourcePlace | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.host === '')
    return undefined;
  const path = url.pathname.slice(1).split('/').map(plain);
  if (path.some(part => part === undefined)) return undefined;
  const below = path.filter(part => part !== undefined);
  return { scheme: url.protocol === 'https:' ? 'https' : 'http', parts: [url.host, ...below] };
}

/** A part of a path without its percent-encodings, however often it was encoded; undefined for what may lead elsewhere. */
function plain(part: string): string | undefined {
  let text = part;
  for (let round = 0; round < MOST_ENCODINGS; round++) {
    if (/[/\\\0]/.test(text) || isDots(text)) return undefined;
    const decoded = percentDecoded(text);
    if (decoded === text) return text;
    if (decoded === undefined) return undefined;
    text = decoded;
  }
  return undefined;
}

const MOST_ENCODINGS = 4;

/** Names that a path is not to hold where a prefix of it decides: whoever asks for it may resolve them. */
export function isDots(part: string): boolean {
  return part === '.' || part === '..';
}

/** A registry as it is compared: Docker's has three names, and 443 is the usual port. */
export function registryName(written: string): string {
  const name = written.toLowerCase().replace(/:443$/, '');
  return name === 'index.docker.io' || name === 'registry-1.docker.io' ? 'docker.io' : name;
}

/** The address of an account of Azure's. */
export function azureService(account: string): string {
  return `https://${account.toLowerCase()}.blob.core.windows.net`;
}

/** An endpoint as it is compared: host in lower case, no usual port; undefined for what is none. */
export function endpointName(written: string): string | undefined {
  const url = URL.parse(written);
  if (url === null || !/^https?:$/.test(url.protocol) || url.host === '') return undefined;
  const isBare = url.username + url.password + url.search + url.hash === '';
  return isBare ? `${url.origin}${url.pathname.replace(/\/+$/, '')}` : undefined;
}
