/**
 * What was probably meant by a model that has no scheme and is no path either, or a scheme of other tools. Guesses, for the end
 * of an error: nothing is looked at, and nothing is fetched because of them.
 */
import { formatOf } from '#spec';
import { isBlobUrl } from './parse-az.ts';

/** URIs that may have been meant, the likeliest first; never empty. */
export interface Guess {
  readonly uris: readonly string[];
  /** Those of the first name of the path as a bucket: how it is written if it is one. */
  readonly bucket?: string;
}

/** What a text that names no file may mean; undefined where any guess would be nonsense. */
export function forgottenScheme(text: string): Guess | undefined {
  if (text.length > MOST_TEXT || /[\s\0\\]/.test(text) || /^[./~-]/.test(text)) return undefined;
  const one = otherScheme(text) ?? damaged(text) ?? ofHost(text);
  return one === undefined ? ofNames(text) : { uris: [one] };
}

/** How an error says it, behind what went wrong. */
export function wordsOf({ uris, bucket }: Guess): string {
  const others = uris.filter(uri => bucket === undefined || !isInBucket(uri, bucket));
  const buckets = uris.filter(uri => !others.includes(uri));
  const asked = others.length === 0 ? [] : [`did you mean ${others.join(' or ')}?`];
  const told = buckets.length === 0 ? [] : [`if '${bucket}' is a bucket, write ${buckets.join(' or ')}`];
  return [...asked, ...told].join(' ');
}

const isInBucket = (uri: string, bucket: string): boolean =>
  /^(?:s3|gs):/.test(uri) && uri.slice(5).startsWith(bucket);

const MOST_TEXT = 1024;

/** What other tools call the same. */
const SAME: Readonly<Record<string, string>> = {
  s3a: 's3',
  s3n: 's3',
  gcs: 'gs',
  docker: 'oci',
  oras: 'oci',
  huggingface: 'hf',
};

function otherScheme(text: string): string | undefined {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9]*):\/\/(.+)$/i.exec(text) ?? [];
  const own = SAME[scheme.toLowerCase()];
  if (own !== undefined) return `${own}://${rest}`;
  // Hadoop's names of Azure's storage: container@account.dfs.core.windows.net/path.
  const [, container, account, path] =
    /^(?:abfss?|wasbs?):\/\/([^@/]+)@([a-z0-9]+)\.(?:dfs|blob)\.core\.windows\.net\/?(.*)$/i.exec(text) ?? [];
  return container === undefined ? undefined : `az://${container}@${account}/${path}`;
}

/** `S3//b/k`, `s3:/b/k`, `s3:b/k`, `s3;//b/k`, `s3:\/\/`. */
function damaged(text: string): string | undefined {
  const [, scheme = '', rest] = /^(s3|gs|az|oci|hf|pvc|https?)(?::\/?|;\/\/|\/\/)([^/].*)$/i.exec(text) ?? [];
  return rest === undefined ? undefined : `${scheme.toLowerCase()}://${rest}`;
}

/** A URL, or a host and a path without the `https://` before it. */
function ofHost(text: string): string | undefined {
  const [, scheme = '', host = '', path = ''] =
    /^(https?:\/\/)?([^/?#@]+)(\/[^?#]*)?(?:[?#].*)?$/i.exec(text) ?? [];
  const below = path.replace(/^\/+/, '');
  const place = ofCloud(host.toLowerCase(), below) ?? ofHub(host.toLowerCase(), below);
  if (place !== undefined || scheme !== '' || below === '') return place;
  return ofRegistry(text, host.toLowerCase()) ?? ofWeb(text, host.toLowerCase());
}

function ofCloud(host: string, below: string): string | undefined {
  const [, inHost, s3] = /^(?:(.+)\.)?(s3)(?:[.-][a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/.exec(host) ?? [];
  const isGoogle = /^storage\.(?:googleapis|cloud\.google)\.com$/;
  const google = /^(.+)\.storage\.googleapis\.com$/.exec(host)?.[1];
  if (s3 !== undefined) return inBucket('s3', inHost, below);
  if (isGoogle.test(host) || google !== undefined) return inBucket('gs', google, below);
  return isBlobUrl(`https://${host}/${below}`) && below !== '' ? ofBlob(host, below) : undefined;
}

function inBucket(scheme: string, bucket: string | undefined, below: string): string | undefined {
  const whole = [bucket, below].filter(Boolean).join('/');
  return whole === '' ? undefined : `${scheme}://${whole}`;
}

function ofBlob(host: string, below: string): string {
  const account = /^([a-z0-9]+)\.blob\.core\.windows\.net$/.exec(host)?.[1];
  const [container, ...key] = below.split('/');
  return account === undefined ? `https://${host}/${below}` : `az://${container}@${account}/${key.join('/')}`;
}

/** A page of the hub is no file of it; `resolve` is, and is left to `https`. */
function ofHub(host: string, below: string): string | undefined {
  if (!/^(?:www\.)?(?:huggingface\.co|hf\.co)$/.test(host)) return undefined;
  const [, owner, repo, rest = ''] = /^([^/]+)\/([^/]+?)(?:\.git)?(\/.*)?$/.exec(below) ?? [];
  if (owner === undefined || OTHER_PAGES.includes(owner)) return undefined;
  const [, kind, revision, path = ''] = /^\/(tree|blob|resolve)\/([^/]+)(\/.*)?$/.exec(rest) ?? [];
  return kind === undefined
    ? `hf://${owner}/${repo}`
    : `hf://${owner}/${repo}${path.replace(/\/$/, '')}@${revision}`;
}

const OTHER_PAGES: readonly string[] = ['datasets', 'spaces', 'docs', 'blog', 'papers', 'collections', 'api'];

const REGISTRY =
  /^(?:ghcr\.io|docker\.io|quay\.io|nvcr\.io|mcr\.microsoft\.com|public\.ecr\.aws|(?:.+\.)?gcr\.io|.+-docker\.pkg\.dev|.+\.azurecr\.io|.+\.dkr\.ecr\..+|registry[.-].+|registry)(?::\d+)?$/;

function ofRegistry(text: string, host: string): string | undefined {
  const isTagged = /\/[^:@]+(?::[\w][\w.-]*|@sha256:[0-9a-f]{64})$/.test(text);
  return REGISTRY.test(host) || (isHost(host) && isTagged) ? `oci://${text}` : undefined;
}

function ofWeb(text: string, host: string): string | undefined {
  if (!isHost(host)) return undefined;
  return `${/^(?:localhost|127\.)/.test(host) ? 'http' : 'https'}://${text}`;
}

/** A name with a port, or with an ending that folders do not have. */
function isHost(host: string): boolean {
  return /^(?:www\..+\..+|[\w.-]+:\d{1,5}|localhost|.+\.(?:com|org|net|io|ai|dev|co|edu|gov|eu|de|fr|uk|ch))$/.test(
    host,
  );
}

/** Two names may be a repository of the hub; the first of more, a bucket. */
function ofNames(text: string): Guess | undefined {
  const [first = '', ...rest] = text.replace(/\/+$/, '').split('/');
  if (rest.length === 0 || rest.includes('') || FOLDERS.includes(first.toLowerCase())) return undefined;
  const path = [first, ...rest].join('/');
  const isRepo = rest.length === 1 && HUB.test(path) && formatOf(rest[0] ?? '') === undefined;
  const isBucket = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(first);
  const uris = [...(isRepo ? [`hf://${path}`] : []), ...(isBucket ? [`s3://${path}`, `gs://${path}`] : [])];
  if (uris.length === 0) return undefined;
  return { uris, ...(isBucket && { bucket: first }) };
}

const HUB = /^[\w][\w.-]{0,95}\/[\w][\w.-]{0,95}(?:@[\w./-]+)?$/;

/** What people call folders of their own: that one is missing says nothing of a store. */
const FOLDERS: readonly string[] =
  'app artifacts assets bin build checkpoints data dist docs examples export exports files home lib mnt model models onnx opt out output outputs repo repository results saved_model saved_models scripts server serving src srv test tests tmp triton usr var weights workspace'.split(
    ' ',
  );

/**
 * What a URL of `https://` that leads to no file may mean instead: a bucket of S3 or Google, a page of the hub, a repository of
 * git. As it stands behind an error.
 */
export function insteadOf(url: string): string | undefined {
  if (!/^https?:\/\//i.test(url) || url.length > MOST_TEXT) return undefined;
  const meant = ofHost(url);
  if (meant !== undefined && meant !== url) return wordsOf({ uris: [meant] });
  const isGit = /\.git\/?$/.test(url);
  return isGit
    ? 'a repository of git is not fetched; put its model where one of the schemes reaches it'
    : undefined;
}
