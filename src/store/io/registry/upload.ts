import type { AppError } from '#base';
import type { BlobToUpload } from '../../registry/port.ts';
import { endOf, smallerChunk } from '../../registry/upload.ts';
import type { Answer, Content } from '../http/ask.ts';
import { ATTEMPTS, isWorthAnother, pauseAfter, type Trying } from '../trying.ts';
import { headOf, isDone, said } from './answered.ts';
import { Outgoing } from './outgoing.ts';
import type { RegistryRequests } from './requests.ts';
import { UploadSession } from './upload-session.ts';

/** What uploads to one repository share: what one has learned of the registry, the next need not. */
export interface Learned {
  /** Bytes of a request, at most. */
  chunk: number;
}

/** Bytes in a second: at the end of an upload, a registry may copy it to where it stays before it answers. */
const SLOWEST_END = 10_000_000;

/** How an upload ended; undefined where there is more to do. */
type Ended = 'mounted' | 'uploaded' | undefined;

/** One blob on its way: OCI distribution specification 1.1, "Pushing blobs". */
export class Upload {
  readonly #blob: BlobToUpload;
  readonly #requests: RegistryRequests;
  readonly #learned: Learned;
  readonly #trying: Trying;
  readonly #outgoing: Outgoing;
  readonly #session: UploadSession;
  #isMountable: boolean;

  constructor(blob: BlobToUpload, requests: RegistryRequests, learned: Learned, trying: Trying) {
    this.#blob = blob;
    this.#requests = requests;
    this.#learned = learned;
    this.#trying = trying;
    this.#outgoing = new Outgoing(blob, requests.uri);
    this.#session = new UploadSession(requests, blob.size, trying.signal);
    this.#isMountable = blob.from !== undefined;
  }

  /** Goes on until it is there, as `Registry.upload` has it. Attempts are counted from the last byte that was new there. */
  async run(): Promise<'mounted' | 'uploaded'> {
    try {
      for (let failures = 0; ; ) {
        const { furthest } = this.#session;
        const ended = await this.#step().catch((error: unknown) => ({ error }));
        if (typeof ended === 'string') return ended;
        if (this.#session.furthest > furthest) failures = 0;
        if (ended !== undefined) await this.#recover(ended.error, ++failures);
      }
    } finally {
      this.#outgoing.drop();
    }
  }

  async #recover(error: unknown, failures: number): Promise<void> {
    this.#trying.signal.throwIfAborted();
    if (failures >= ATTEMPTS || !isWorthAnother(error)) throw error;
    await pauseAfter(error, failures, this.#trying);
    this.#session.isUnsure = true;
    this.#session.isWary = true;
  }

  async #step(): Promise<Ended> {
    const { size } = this.#blob;
    if (this.#session.isUnsure) await this.#session.locate();
    const { at, reached } = this.#session;
    if (at === undefined) return this.#begin();
    const isWhole = reached === 0 && size <= this.#chunk();
    const isEnd = isWhole || reached === size;
    return isEnd ? this.#end(at, reached) : this.#send(at, reached);
  }

  async #begin(): Promise<Ended> {
    const { digest, from } = this.#blob;
    // An upload may have ended well though nobody heard so.
    const isThere = this.#session.hasBegun && (await headOf(this.#requests, `blobs/${digest}`, this.#trying));
    if (isThere) return 'uploaded';
    const mount = this.#isMountable && from !== undefined ? { mount: digest, from } : {};
    const path = `${this.#requests.repository}/blobs/uploads/`;
    const query = new URLSearchParams(mount).toString();
    const answer = await this.#session.ask(query === '' ? path : `${path}?${query}`, { method: 'POST' });
    return this.#begun(answer, query !== '');
  }

  async #begun(answer: Answer, isMounting: boolean): Promise<Ended> {
    if (isMounting && answer.status === 201) {
      await said(answer);
      return 'mounted';
    }
    if (answer.status === 202) {
      this.#session.begun(answer);
      await said(answer);
      return undefined;
    }
    const refused = await this.#requests.refused(answer);
    if (!isMounting || isWorthAnother(refused)) throw refused;
    // One that knows nothing of mounting, or does not let the other repository be read.
    this.#isMountable = false;
    return undefined;
  }

  async #send(at: URL, start: number): Promise<Ended> {
    const end = Math.min(this.#blob.size, start + this.#chunk());
    const headers = { 'content-range': `${start}-${end - 1}` };
    const answer = await this.#session.ask(at, {
      method: 'PATCH',
      headers,
      content: this.#content(start, end),
    });
    if (!isDone(answer)) return this.#refused(answer, end - start);
    await said(answer);
    this.#session.moved(answer, end);
    return undefined;
  }

  async #end(at: URL, start: number): Promise<Ended> {
    const { digest, size } = this.#blob;
    const content = start === size ? undefined : this.#content(start, size);
    const leisureMs = (size / SLOWEST_END) * 1000;
    const answer = await this.#session.ask(endOf(at, digest), { method: 'PUT', content, leisureMs });
    if (!isDone(answer)) return this.#refused(answer, size - start);
    await said(answer);
    return 'uploaded';
  }

  /** What to do where so many bytes were not taken: begin anew, send smaller pieces, or give up. */
  async #refused(answer: Answer, bytes: number): Promise<undefined> {
    const { status } = answer;
    const problem =
      status === 413 ? `it, or a proxy before it, takes no request of ${bytes} bytes` : undefined;
    const refused = await this.#requests.refused(answer, { problem });
    this.#session.isUnsure = true;
    const isOut = status === 416 && !(await this.#isInPlace());
    if (status === 413 || (status === 416 && !isOut)) return this.#shrink(bytes, refused);
    // All its bytes are there, and are right: it has mixed them up.
    const isMixedUp = status === 400 && bytes === 0;
    if (isMixedUp || status === 404 || status === 410) throw this.#session.lost(refused);
    throw isOut ? this.#session.again(refused) : refused;
  }

  /** Whether a piece that is out of place was in its place: then it was too large, as GitHub's registry says it. */
  async #isInPlace(): Promise<boolean> {
    const { reached } = this.#session;
    await this.#session.locate();
    return this.#session.reached === reached;
  }

  #shrink(bytes: number, refused: AppError): undefined {
    const chunk = smallerChunk(bytes);
    if (chunk === undefined || this.#session.least >= bytes) throw refused;
    this.#learned.chunk = Math.min(this.#learned.chunk, chunk);
  }

  #chunk(): number {
    return Math.max(this.#learned.chunk, this.#session.least);
  }

  #content(start: number, end: number): Content {
    const open = (signal: AbortSignal): AsyncIterable<Uint8Array> => this.#outgoing.piece(start, end, signal);
    return { type: 'application/octet-stream', size: end - start, open };
  }
}
