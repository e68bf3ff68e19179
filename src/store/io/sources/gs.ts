/** `gs://`: Cloud Storage by its JSON API. */
import { type AppError, failure } from '#base';
import type {
  ByteRange,
  Checksum,
  Listing,
  OpenSource,
  RemoteFile,
  Source,
  SourceOptions,
} from '../../source.ts';
import { redacted } from '../../uri/redact.ts';
import type { GsReference } from '../../uri/reference.ts';
import type { Answer } from '../http/ask.ts';
import { HttpClient } from '../http/client.ts';
import { ranged, rangeHeader } from '../http/ranged.ts';
import { GS_REMEDY, type GsAccess, gsAccess } from './gs-credentials.ts';
import { type Bucket, type Entry, type Level, listingOf } from './listing.ts';

export const openGs: OpenSource<GsReference> = async (reference, uri, options) =>
  new GsSource(reference, redacted(uri), options);

/** What a listing says of an object: https://cloud.google.com/storage/docs/json_api/v1/objects#resource */
interface GsObject {
  readonly name?: unknown;
  readonly size?: unknown;
  readonly generation?: unknown;
  readonly md5Hash?: unknown;
}

interface Page {
  readonly items?: readonly GsObject[];
  readonly prefixes?: readonly string[];
  readonly nextPageToken?: string;
}

const FIELDS = 'name,size,generation,md5Hash';

/** A page has 1000 objects, each of less than 4 KiB. */
const MOST_PAGE = 8 * 1024 * 1024;

class GsSource implements Source, Bucket {
  readonly #reference: GsReference;
  readonly #uri: string;
  readonly #client: HttpClient;
  readonly #access: GsAccess;

  constructor(reference: GsReference, uri: string, options: SourceOptions) {
    this.#reference = reference;
    this.#uri = uri;
    this.#client = new HttpClient(uri, options);
    this.#access = gsAccess(reference, uri, options);
  }

  list(signal: AbortSignal): Promise<Listing> {
    return listingOf({ bucket: this, uri: this.#uri, signal }, this.#reference.key);
  }

  async read(
    file: RemoteFile,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const generation = file.token ?? '';
    const query = new URLSearchParams({ alt: 'media', generation, ifGenerationMatch: generation });
    // What was stored compressed comes so, and not opened on the way, where it would have no ranges and other bytes.
    const headers = { ...rangeHeader(range), 'accept-encoding': 'gzip' };
    const answer = await this.#ask(`o/${encodeURIComponent(file.key)}?${query.toString()}`, signal, headers);
    if (answer.status !== 200 && answer.status !== 206) throw await this.#unread(answer, file, signal);
    this.#assertStored(answer, file);
    return ranged(answer, range, this.#uri);
  }

  close(): void {
    this.#client.close();
  }

  async level(prefix: string, signal: AbortSignal): Promise<Level> {
    const { items = [], prefixes = [], nextPageToken } = await this.#page({ prefix, delimiter: '/' }, signal);
    return {
      entries: items.map(item => this.#entryOf(item)),
      folders: prefixes,
      isWhole: nextPageToken === undefined,
    };
  }

  async *below(prefix: string, signal: AbortSignal): AsyncGenerator<readonly Entry[]> {
    for (let pageToken: string | undefined = ''; pageToken !== undefined; ) {
      const page: Page = await this.#page({ prefix, ...(pageToken !== '' && { pageToken }) }, signal);
      yield (page.items ?? []).map(item => this.#entryOf(item));
      pageToken = page.nextPageToken;
    }
  }

  async one(key: string, signal: AbortSignal): Promise<Entry> {
    return this.#entryOf(
      (await this.#json(`o/${encodeURIComponent(key)}?fields=${FIELDS}`, signal)) as GsObject,
    );
  }

  uriOf(key: string): string {
    const query = /\?[^?]*=[^?]*$/.exec(this.#uri)?.[0] ?? '';
    return `gs://${this.#reference.bucket}/${key}${query}`;
  }

  async #page(query: Record<string, string>, signal: AbortSignal): Promise<Page> {
    const fields = `items(${FIELDS}),prefixes,nextPageToken`;
    const all = new URLSearchParams({ ...query, maxResults: '1000', fields });
    return (await this.#json(`o?${all.toString()}`, signal)) as Page;
  }

  async #json(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#ask(path, signal);
    if (answer.status !== 200) throw await this.#client.refused(answer, { remedy: GS_REMEDY });
    const json = await this.#client.json(answer, MOST_PAGE);
    if (typeof json !== 'object' || json === null) throw this.#odd('an object');
    return json;
  }

  async #ask(path: string, signal: AbortSignal, headers?: Record<string, string>): Promise<Answer> {
    const url = `${this.#access.endpoint}/storage/v1/b/${encodeURIComponent(this.#reference.bucket)}/${path}`;
    const credentials = await this.#access.headers(signal);
    return this.#client.ask({ url, headers, credentials, signal });
  }

  #entryOf({ name, size, generation, md5Hash }: GsObject): Entry {
    const isOne = typeof name === 'string' && /^\d+$/.test(String(size)) && typeof generation === 'string';
    if (!isOne) throw this.#odd('objects with a name, size and generation');
    const checksum = md5(md5Hash);
    return { key: name, size: Number(size), token: generation, ...(checksum && { checksum }) };
  }

  #odd(expected: string): AppError {
    return failure('source_invalid', { uri: this.#uri, problem: `the answer does not tell ${expected}` });
  }

  /** Why it cannot be read. A generation that is gone is not found, whether there is a newer one or none. */
  async #unread(answer: Answer, file: RemoteFile, signal: AbortSignal): Promise<Error> {
    const error = await this.#client.refused(answer, { remedy: GS_REMEDY, file: file.path });
    if (error.code !== 'source_missing') return error;
    const newer = await this.one(file.key, signal).catch((other: unknown) => other);
    signal.throwIfAborted();
    return newer instanceof Error ? error : failure('source_changed', { uri: this.#uri, file: file.path });
  }

  #assertStored({ status, headers, body }: Answer, file: RemoteFile): void {
    const generation = headers['x-goog-generation'];
    const stored = headers['x-goog-stored-content-encoding'] ?? 'identity';
    const encoding = headers['content-encoding'] ?? 'identity';
    if (generation !== undefined && generation !== file.token) {
      body.drop();
      throw failure('source_changed', { uri: this.#uri, file: file.path });
    }
    if (encoding === stored) return;
    body.drop();
    const problem = `${file.path} is stored as ${String(stored)} and came as ${encoding}`;
    throw failure('source_invalid', { uri: this.#uri, status, problem });
  }
}

/** Objects that were composed of others have none. */
function md5(base64: unknown): Checksum | undefined {
  const bytes = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined;
  return bytes?.length === 16 ? { algorithm: 'md5', hex: bytes.toString('hex') } : undefined;
}
