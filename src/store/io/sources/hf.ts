/** `hf://`: repositories of models on the Hugging Face Hub, or what speaks as it does: https://huggingface.co/docs/hub/api */
import { type AppError, failure } from '#base';
import type { ByteRange, Listing, OpenSource, RemoteFile, Source, SourceOptions } from '../../source.ts';
import { redacted } from '../../uri/redact.ts';
import type { HfReference } from '../../uri/reference.ts';
import type { Answer } from '../http/ask.ts';
import { HttpClient } from '../http/client.ts';
import { ranged, rangeHeader } from '../http/ranged.ts';
import { type Hub, hubOf } from './hf-hub.ts';
import { hfRefusal } from './hf-refusal.ts';
import { type Bucket, type Entry, type Level, listingOf } from './listing.ts';

export const openHf: OpenSource<HfReference> = async (reference, uri, options) =>
  new HfSource(reference, redacted(uri), await hubOf(redacted(uri), options.environment), options);

/** A page of a tree has 1000 names. */
const MOST_PAGE = 8 * 1024 * 1024;

const MOST_PAGES = 1000;

/** One name of a tree. Of a file in Git LFS, `lfs.oid` is its SHA-256, and `oid` that of a pointer to it. */
interface TreeEntry {
  readonly type?: unknown;
  readonly path?: unknown;
  readonly oid?: unknown;
  readonly size?: unknown;
  readonly lfs?: { readonly oid?: unknown; readonly size?: unknown };
}

class HfSource implements Source {
  readonly #reference: HfReference;
  readonly #uri: string;
  readonly #hub: Hub;
  readonly #client: HttpClient;
  /** Where large files were found to lie, in signed URLs: one redirect serves all ranges of a file. */
  readonly #located = new Map<string, URL>();

  constructor(reference: HfReference, uri: string, hub: Hub, options: SourceOptions) {
    this.#reference = reference;
    this.#uri = uri;
    this.#hub = hub;
    this.#client = new HttpClient(uri, options);
  }

  /** The revision is looked up once; all that is listed is of that commit, and is read of it. */
  async list(signal: AbortSignal): Promise<Listing> {
    const commit = await this.#commit(signal);
    const bucket = this.#bucketOf(commit);
    const listing = await listingOf({ bucket, uri: this.#uri, signal }, this.#reference.path);
    const files = listing.files.map(file => ({ ...file, key: `${commit}/${file.key}` }));
    return { ...listing, files, revision: commit };
  }

  async read(
    file: RemoteFile,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const answer = (await this.#again(file, range, signal)) ?? (await this.#resolve(file, range, signal));
    if (answer.status !== 200 && answer.status !== 206) throw await this.#refused(answer, signal);
    return ranged(answer, range, this.#uri);
  }

  close(): void {
    this.#client.close();
  }

  async #resolve(file: RemoteFile, range: ByteRange | undefined, signal: AbortSignal): Promise<Answer> {
    const [commit = '', ...names] = file.key.split('/');
    const { owner, repo } = this.#reference;
    const path = names.map(name => encodeURIComponent(name)).join('/');
    const answer = await this.#ask(`/${owner}/${repo}/resolve/${commit}/${path}`, signal, rangeHeader(range));
    const isElsewhere = answer.url.origin !== new URL(this.#hub.endpoint).origin;
    if (isElsewhere && answer.status < 300) this.#located.set(file.key, answer.url);
    return answer;
  }

  /** From where it was found before; undefined where it was not, or the URL is no longer valid. */
  async #again(
    file: RemoteFile,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<Answer | undefined> {
    const url = this.#located.get(file.key);
    if (url === undefined) return undefined;
    const answer = await this.#client.ask({ url, headers: rangeHeader(range), signal });
    if (![400, 401, 403, 404, 410].includes(answer.status)) return answer;
    answer.body.drop();
    this.#located.delete(file.key);
    return undefined;
  }

  async #commit(signal: AbortSignal): Promise<string> {
    const { owner, repo, revision = 'main' } = this.#reference;
    if (/^[0-9a-f]{40}$/.test(revision)) return revision;
    const path = `/models/${owner}/${repo}/revision/${encodeURIComponent(revision)}?expand=sha`;
    const { sha } = (await this.#json(path, signal)) as { sha?: unknown };
    if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha)) throw this.#odd('a commit');
    return sha;
  }

  #bucketOf(commit: string): Bucket {
    const level = (prefix: string, signal: AbortSignal): Promise<Level> =>
      this.#level(commit, prefix, signal);
    const { owner, repo, revision } = this.#reference;
    return {
      level,
      below: (prefix, signal) => this.#below(commit, prefix, signal),
      // Of a repository everything may be listed, or nothing.
      one: async (key, signal) => {
        const found = (await level(key, signal)).entries.find(entry => entry.key === key);
        if (found !== undefined) return found;
        throw failure('source_missing', { uri: this.#uri, problem: 'nothing lies there' });
      },
      uriOf: key => `hf://${owner}/${repo}/${key}${revision === undefined ? '' : `@${revision}`}`,
    };
  }

  /** The tree knows folders, so names that begin with a text are looked for in the folder they lie in. */
  async #level(commit: string, prefix: string, signal: AbortSignal): Promise<Level> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const entries: Entry[] = [];
    const folders: string[] = [];
    for await (const page of this.#tree(commit, folder, false, signal))
      for (const one of page) {
        if (typeof one.path !== 'string' || !one.path.startsWith(prefix)) continue;
        if (one.type === 'directory') folders.push(`${one.path}/`);
        if (one.type === 'file') entries.push(this.#entryOf(one));
      }
    return { entries, folders, isWhole: true };
  }

  async *#below(commit: string, prefix: string, signal: AbortSignal): AsyncGenerator<readonly Entry[]> {
    for await (const page of this.#tree(commit, prefix, true, signal))
      yield page.filter(({ type }) => type === 'file').map(one => this.#entryOf(one));
  }

  async *#tree(
    commit: string,
    folder: string,
    recursive: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<readonly TreeEntry[]> {
    const { owner, repo } = this.#reference;
    const names = folder
      .split('/')
      .filter(Boolean)
      .map(name => `/${encodeURIComponent(name)}`);
    let path: string | undefined =
      `/models/${owner}/${repo}/tree/${commit}${names.join('')}?recursive=${recursive}&expand=false`;
    for (let pages = 0; path !== undefined; pages++) {
      if (pages === MOST_PAGES) throw this.#odd('an end of its tree');
      const answer: Answer = await this.#ask(`/api${path}`, signal);
      // A folder that is not there holds nothing; what is near it is told then.
      const isAbsent = answer.headers['x-error-code'] === 'EntryNotFound';
      if (isAbsent) answer.body.drop();
      if (isAbsent) return;
      if (answer.status !== 200) throw await this.#refused(answer, signal);
      const page = await this.#client.json(answer, MOST_PAGE);
      if (!Array.isArray(page)) throw this.#odd('a tree');
      yield page as readonly TreeEntry[];
      path = nextPage(answer);
    }
  }

  #entryOf({ path, oid, size, lfs }: TreeEntry): Entry {
    const isOne = typeof path === 'string' && typeof size === 'number' && typeof oid === 'string';
    if (!isOne) throw this.#odd('files with a path, size and oid');
    const sha256 = lfs === undefined ? undefined : String(lfs.oid).replace(/^sha256:/, '');
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) throw this.#odd('the SHA-256 of a file');
    if (!/^[0-9a-f]{40}$/.test(oid)) throw this.#odd('the hash of a file');
    return sha256 === undefined
      ? { key: path, size, token: oid, checksum: { algorithm: 'git-sha1', hex: oid } }
      : {
          key: path,
          size: Number(lfs?.size ?? size),
          token: sha256,
          checksum: { algorithm: 'sha256', hex: sha256 },
        };
  }

  async #json(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#ask(`/api${path}`, signal);
    if (answer.status !== 200) throw await this.#refused(answer, signal);
    return this.#client.json(answer, MOST_PAGE);
  }

  #ask(path: string, signal: AbortSignal, headers?: Record<string, string>): Promise<Answer> {
    const { endpoint, token } = this.#hub;
    const credentials = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return this.#client.ask({ url: `${endpoint}${path}`, headers, credentials, signal });
  }

  #refused(answer: Answer, signal: AbortSignal): Promise<AppError> {
    const asking = { reference: this.#reference, uri: this.#uri, hub: this.#hub, client: this.#client };
    const tryJson = async (path: string): Promise<unknown> =>
      this.#client.json(await this.#ask(`/api${path}`, signal), MOST_PAGE);
    return hfRefusal(answer, { ...asking, tryJson }, signal);
  }

  #odd(expected: string): AppError {
    return failure('source_invalid', { uri: this.#uri, problem: `the answer does not tell ${expected}` });
  }
}

/** The path of the next page, from `Link` (RFC 8288). Its host is the Hub's own, even where a mirror is asked. */
function nextPage({ headers }: Answer): string | undefined {
  const link = /<([^>]*)>\s*;[^,]*\brel="?next\b/.exec(String(headers['link'] ?? ''))?.[1];
  if (link === undefined || !URL.canParse(link, 'http://hub')) return undefined;
  const { pathname, search } = new URL(link, 'http://hub');
  return `${pathname.replace(/^.*?\/api(?=\/)/, '')}${search}`;
}
