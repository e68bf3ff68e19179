import { type AppError, failure } from '#base';
import { leastChunk, reachedOf } from '../../registry/upload.ts';
import type { Answer, Ask } from '../http/ask.ts';
import { followed } from '../http/redirect.ts';
import { said } from './answered.ts';
import type { RegistryRequests } from './requests.ts';

/** Where an upload goes, and how far it is there: "Pushing a blob in chunks". */
export class UploadSession {
  readonly #requests: RegistryRequests;
  readonly #size: number;
  readonly #signal: AbortSignal;
  /** Undefined before it has begun, and when the registry has forgotten it. */
  at: URL | undefined;
  hasBegun = false;
  /** The registry has so many of its bytes, and never had more. */
  reached = 0;
  furthest = 0;
  /** Bytes that a piece must have. */
  least = 0;
  /** It is not known what of the last piece the registry has. */
  isUnsure = false;
  /** Something broke off, and what it was may not have been heard. */
  isWary = false;

  /** For so many bytes. */
  constructor(requests: RegistryRequests, size: number, signal: AbortSignal) {
    this.#requests = requests;
    this.#size = size;
    this.#signal = signal;
  }

  begun(answer: Answer): void {
    this.hasBegun = true;
    this.least = leastChunk(answer.headers['oci-chunk-min-length']);
    this.reached = 0;
    this.at = this.#locationOf(answer);
    if (this.at !== undefined) return;
    throw this.#requests.invalid('it does not say where to upload to', answer.status);
  }

  /** A piece was taken that ends there; the registry may say otherwise. */
  moved(answer: Answer, end: number): void {
    const reached = reachedOf(answer.headers.range) ?? end;
    const problem = `it says that it has ${reached} bytes of an upload, of which ${end} were sent`;
    if (reached <= this.reached || reached > end) throw this.#requests.invalid(problem, answer.status);
    this.at = this.#locationOf(answer) ?? this.at;
    this.isWary = false;
    this.#reach(reached);
  }

  /** Asks what the registry has of it. What is not known to be there is sent anew. */
  async locate(): Promise<void> {
    this.isUnsure = false;
    if (this.at === undefined) return;
    const answer = await this.ask(this.at, {});
    if (answer.status === 429 || answer.status >= 500) throw await this.#requests.refused(answer);
    await said(answer);
    const reached = answer.status < 300 ? reachedOf(answer.headers.range) : undefined;
    const isSome = reached !== undefined && reached > 0 && reached <= this.#size;
    this.at = isSome ? (this.#locationOf(answer) ?? this.at) : undefined;
    this.#reach(isSome ? reached : 0);
  }

  /** It is to begin anew; the error is for where it was so again and again. */
  lost(refused: AppError): AppError {
    this.at = undefined;
    this.reached = 0;
    return this.again(refused);
  }

  /** The error for where a refusal that is mended by going on comes again and again. */
  again({ facts: { status, problem } }: AppError): AppError {
    const words = `it lost its place in an upload again and again: ${String(problem)}`;
    const told = typeof status === 'number' ? { status } : {};
    return failure('source_unavailable', { uri: this.#requests.uri, problem: words, ...told });
  }

  ask(path: string | URL, ask: Omit<Ask, 'url' | 'signal'>): Promise<Answer> {
    return this.#requests.ask(path, { ...ask, isOnce: true, asksFirst: this.isWary, signal: this.#signal });
  }

  #reach(bytes: number): void {
    this.reached = bytes;
    this.furthest = Math.max(this.furthest, bytes);
  }

  #locationOf({ headers: { location }, url }: Answer): URL | undefined {
    return location === undefined ? undefined : followed(url, location, this.#requests.uri);
  }
}
