import { createHash, type Hash } from 'node:crypto';
import { failure } from '#base';
import type { BlobToUpload } from '../../registry/port.ts';

/** What was read up to here has this hash. */
interface Mark {
  readonly at: number;
  readonly hash: Hash;
}

/** A stream of a blob that is read on from where the last piece ended. */
interface Reading {
  readonly bytes: AsyncIterator<Uint8Array>;
  readonly giveUp: AbortController;
  at: number;
  /** What was read, and belongs to the next piece. */
  rest: Uint8Array;
}

const NOTHING = new Uint8Array();

/**
 * The bytes of a blob as they go out, piece by piece, and again where they did not arrive. All are hashed, and the last ones are held
 * back until the digest is known to be right: so a registry never has all of what is wrong.
 */
export class Outgoing {
  readonly #blob: BlobToUpload;
  readonly #uri: string;
  /** Where the last pieces began and ended: an upload goes on from there, or from little behind. */
  #marks: readonly Mark[] = [];
  #reading: Reading | undefined;

  /** With a URI as it may be shown. */
  constructor(blob: BlobToUpload, uri: string) {
    this.#blob = blob;
    this.#uri = uri;
  }

  /** One piece; only one is read at a time. Throws `digest_mismatch`, what reading throws, or the signal's reason. */
  async *piece(start: number, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const { hash, reading } = this.#from(start);
    const giveUp = (): void => reading.giveUp.abort(signal.reason);
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    let isDone = false;
    try {
      for await (const bytes of this.#taken(reading, end)) {
        const before = Math.max(0, Math.min(bytes.length, start - (reading.at - bytes.length)));
        hash.update(bytes.subarray(0, before));
        if (reading.at - bytes.length + before === start) this.#mark(start, hash);
        hash.update(bytes.subarray(before));
        if (reading.at === this.#blob.size) this.#check(hash);
        if (bytes.length > before) yield bytes.subarray(before);
      }
      this.#mark(end, hash);
      isDone = true;
    } finally {
      signal.removeEventListener('abort', giveUp);
      // By now another piece may be read.
      if (!isDone && this.#reading === reading) this.drop();
    }
  }

  /** Nothing more is read. */
  drop(): void {
    const reading = this.#reading;
    this.#reading = undefined;
    reading?.giveUp.abort();
    // It may still wait for bytes that never come.
    reading?.bytes.return?.().catch(() => {});
  }

  /** The nearest place before `start` whose hash is known, and a stream from there. */
  #from(start: number): { hash: Hash; reading: Reading } {
    const known = this.#marks.filter(({ at }) => at <= start).toSorted((a, b) => b.at - a.at)[0];
    const { at, hash } = known ?? { at: 0, hash: createHash('sha256') };
    if (this.#reading?.at !== at || this.#reading.giveUp.signal.aborted) this.drop();
    this.#reading ??= this.#open(at);
    return { hash: hash.copy(), reading: this.#reading };
  }

  #open(at: number): Reading {
    const giveUp = new AbortController();
    const bytes = this.#blob.open(at, giveUp.signal)[Symbol.asyncIterator]();
    return { bytes, giveUp, at, rest: NOTHING };
  }

  /** Up to `end`. */
  async *#taken(reading: Reading, end: number): AsyncGenerator<Uint8Array, void, void> {
    while (reading.at < end) {
      const bytes = reading.rest.length > 0 ? reading.rest : await nextOf(reading);
      if (bytes === undefined) throw this.#short(reading.at);
      const taken = bytes.subarray(0, end - reading.at);
      reading.rest = bytes.subarray(taken.length);
      reading.at += taken.length;
      yield taken;
    }
  }

  #mark(at: number, hash: Hash): void {
    const kept = this.#marks.filter(mark => mark.at < at).slice(-1);
    this.#marks = [...kept, { at, hash: hash.copy() }];
  }

  #check(hash: Hash): void {
    const found = `sha256:${hash.copy().digest('hex')}`;
    const { digest: expected } = this.#blob;
    if (found !== expected)
      throw failure('digest_mismatch', { path: this.#uri, file: 'a blob that is sent', expected, found });
  }

  #short(at: number): Error {
    const { digest, size } = this.#blob;
    const found = `none: it ends after ${at} of ${size} bytes`;
    return failure('digest_mismatch', {
      path: this.#uri,
      file: 'a blob that is sent',
      expected: digest,
      found,
    });
  }
}

async function nextOf({ bytes, giveUp }: Reading): Promise<Uint8Array | undefined> {
  giveUp.signal.throwIfAborted();
  const { value, done } = await bytes.next();
  return done === true ? undefined : value;
}
