/** `https://`: one file, or an archive of many, from any server of files. */
import { failure, percentDecoded } from '#base';
import { archiveFormatOf, archiveFormatOfType } from '../../archive-format.ts';
import {
  type ByteRange,
  isSafePath,
  type Listing,
  type OpenSource,
  type RemoteFile,
  type Source,
  type SourceOptions,
} from '../../source.ts';
import { redacted } from '../../uri/redact.ts';
import type { HttpReference } from '../../uri/reference.ts';
import type { Answer, Ask } from '../http/ask.ts';
import { HttpClient } from '../http/client.ts';
import { basic, netrcAuthorization } from '../http/netrc.ts';
import { ranged, rangeHeader, sizeOf } from '../http/ranged.ts';

export const openHttps: OpenSource<HttpReference> = async ({ url }, uri, options) => {
  const credentials = await credentialsOf(new URL(url), options);
  return new HttpsSource(url, redacted(uri), credentials, options);
};

const REMEDY =
  'give it credentials, in ~/.netrc or the file that NETRC names: machine <host> login <user> password <password or token>';

class HttpsSource implements Source {
  readonly #url: string;
  readonly #uri: string;
  readonly #client: HttpClient;
  readonly #credentials: Record<string, string>;
  /** Bytes, as the last listing told them, even where it must not say so for want of ranges. */
  #told: number | undefined;

  constructor(url: string, uri: string, credentials: Record<string, string>, options: SourceOptions) {
    this.#url = url;
    this.#uri = uri;
    this.#credentials = credentials;
    this.#client = new HttpClient(uri, options);
  }

  /** Asks for the first byte: a signed URL is for GET alone, and the answer tells whether there are ranges. */
  async list(signal: AbortSignal): Promise<Listing> {
    const first = await this.#ask({ headers: rangeHeader({ start: 0, end: 1 }), signal });
    const isEmpty = first.status === 416 && sizeOf(first) === 0;
    // The refusal of a range that cannot be says nothing about the file.
    if (isEmpty) first.body.drop();
    const answer = isEmpty ? await this.#ask({ signal }) : first;
    if (answer.status !== 200 && answer.status !== 206)
      throw await this.#client.refused(answer, { remedy: REMEDY });
    answer.body.drop();
    const path = nameOf(new URL(this.#url), answer);
    this.#assertFile(path, answer);
    const format =
      archiveFormatOf(path) ?? (hasEnding(path) ? undefined : archiveFormatOfType(typeOf(answer)));
    // Without ranges it comes in one piece, whatever it says of its size.
    this.#told = sizeOf(answer);
    const size = answer.status === 200 && !isEmpty ? undefined : this.#told;
    const file: RemoteFile = { path, key: this.#url, size, token: tokenOf(answer) };
    return format === undefined
      ? { files: [file], named: path }
      : { files: [{ ...file, unpack: { format } }] };
  }

  async read(
    file: RemoteFile,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#ask({ headers: { ...rangeHeader(range), ...condition(file.token) }, signal });
    if (answer.status !== 200 && answer.status !== 206)
      throw await this.#client.refused(answer, { remedy: REMEDY, file: file.path });
    const [size = file.size, told = size] = [sizeOf(answer), file.size ?? this.#told];
    if (tokenOf(answer) !== file.token || size !== told) {
      answer.body.drop();
      throw failure('source_changed', { uri: this.#uri, file: file.path });
    }
    return ranged(answer, range, this.#uri);
  }

  close(): void {
    this.#client.close();
  }

  #ask(ask: Pick<Ask, 'headers' | 'signal'>): Promise<Answer> {
    return this.#client.ask({ url: this.#url, credentials: this.#credentials, ...ask });
  }

  /** A page, or bytes that were compressed on the way, is not what lies there. */
  #assertFile(path: string, answer: Answer): void {
    const { status, headers } = answer;
    const invalid = (problem: string): Error =>
      failure('source_invalid', { uri: this.#uri, status, problem });
    if (/^text\/html\b|^application\/xhtml/i.test(typeOf(answer) ?? '') && !/\.x?html?$/i.test(path))
      throw invalid('the answer is a page to be read by people, such as one for signing in, and no model');
    const encoding = headers['content-encoding'] ?? 'identity';
    // Some servers say so of a file that is compressed itself; its bytes are then those that are stored.
    if (encoding !== 'identity' && !/\.(?:t?gz|zst|tzst)$/i.test(path))
      throw invalid(`the answer is compressed (${encoding}), though it was asked not to be`);
  }
}

async function credentialsOf(url: URL, { environment }: SourceOptions): Promise<Record<string, string>> {
  const { username, password, hostname } = url;
  const authorization =
    username === '' && password === ''
      ? await netrcAuthorization(hostname, environment)
      : basic(percentDecoded(username) ?? username, percentDecoded(password) ?? password);
  return authorization === undefined ? {} : { authorization };
}

function typeOf({ headers }: Answer): string | undefined {
  return headers['content-type'];
}

/** What tells these bytes from others: an ETag, or the time that they were written. */
function tokenOf({ headers }: Answer): string | undefined {
  return headers.etag ?? headers['last-modified'];
}

/** Read on condition that it is still the same. A weak ETag cannot be one (RFC 9110 §13.1.1); it is compared afterwards. */
function condition(token: string | undefined): Record<string, string> {
  if (token === undefined || token.startsWith('W/')) return {};
  return token.startsWith('"') ? { 'if-match': token } : { 'if-unmodified-since': token };
}

/** What the file is called: by its URL, unless only the server knows it. */
function nameOf(url: URL, { headers, url: last }: Answer): string {
  const names = [lastName(url), disposition(headers['content-disposition']), lastName(last)];
  const safe = names.filter(name => name !== undefined && !name.includes('/') && isSafePath(name));
  return safe.find(name => name !== undefined && hasEnding(name)) ?? safe[0] ?? 'model';
}

function hasEnding(name: string): boolean {
  return /.\.[a-z0-9_]{1,15}$/i.test(name);
}

function lastName({ pathname }: URL): string | undefined {
  return percentDecoded(pathname.slice(pathname.lastIndexOf('/') + 1));
}

/** `attachment; filename="m.onnx"; filename*=UTF-8''m.onnx`, of which the second counts (RFC 6266). */
function disposition(value: string | undefined): string | undefined {
  const extended = /;\s*filename\*\s*=\s*UTF-8'[^']*'([^;\s]+)/i.exec(value ?? '')?.[1];
  if (extended !== undefined) return percentDecoded(extended);
  const [, quoted, bare] = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(value ?? '') ?? [];
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? bare;
}
