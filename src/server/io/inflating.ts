import {
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type Zlib,
  type ZlibOptions,
} from 'node:zlib';
import { type AppError, asAppError, failure, messageOf } from '#base';
import { Gathering, type GatheringOptions } from '#net';
import type { Coding } from '../content-coding.ts';

/** Bytes before and after, up to which inflating at once costs less than a thread: a quarter of a millisecond. */
const SMALL_PACKED = 16 * 1024;
const SMALL = 256 * 1024;

/** A gzip member around nothing. Bytes. */
const GZIP_LEAST = 18;

/** What comes out in one step. Bytes. */
const STEP = 64 * 1024;

interface Format {
  readonly now: (packed: Buffer, options: ZlibOptions) => unknown;
  readonly stream: typeof createGunzip;
}

const GZIP: Format = { now: gunzipSync, stream: createGunzip };
const ZLIB: Format = { now: inflateSync, stream: createInflate };
const RAW: Format = { now: inflateRawSync, stream: createInflateRaw };

/** A body that came compressed. */
export interface Packed {
  readonly bytes: Buffer;
  readonly coding: Exclude<Coding, 'identity'>;
}

/**
 * What a body inflates to; stops as soon as that is larger than the limit. Throws `body_too_large`, `encoding_malformed` or
 * `overloaded`. As many bytes are held as it has; those of the packed body are its caller's.
 */
export async function inflate(packed: Packed, options: GatheringOptions): Promise<Buffer> {
  const soon = packed.bytes.length <= SMALL_PACKED ? inflateNow(packed, options) : undefined;
  return soon ?? inflateByStream(packed, options);
}

/** Undefined when it becomes larger than what is small. */
function inflateNow(packed: Packed, { limit, budget }: GatheringOptions): Buffer | undefined {
  const { bytes } = packed;
  let inflated: { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
  try {
    const options = { info: true, maxOutputLength: Math.min(limit, SMALL) };
    inflated = formatOf(packed).now(bytes, options) as typeof inflated;
  } catch (error: unknown) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw malformed(packed, error);
    if (limit <= SMALL) throw failure('body_too_large', { limit });
    return undefined;
  }
  checkEnd(packed, inflated.engine);
  budget.hold(inflated.buffer.length);
  return inflated.buffer;
}

/** By zlib's threads, a step at a time. */
function inflateByStream(packed: Packed, options: GatheringOptions): Promise<Buffer> {
  const gathering = saysTooMuch(packed, options.limit) ? new Counting(options.limit) : new Gathering(options);
  const engine = formatOf(packed).stream({ chunkSize: STEP });
  return new Promise((resolve, reject) => {
    const refuse = (error: AppError): void => {
      engine.destroy();
      gathering.abandon();
      reject(error);
    };
    engine.on('data', (piece: Buffer) => attempt(() => gathering.add(piece), refuse));
    engine.once('end', () =>
      attempt(() => {
        checkEnd(packed, engine);
        resolve(gathering.finish());
      }, refuse),
    );
    engine.once('error', error => refuse(malformed(packed, error)));
    engine.end(packed.bytes);
  });
}

/**
 * A gzip member ends with the length of what it holds, modulo 2^32 (RFC 1952, 2.3.1). Of what says itself that it is too
 * large nothing is kept: it only has to be told whether it is that, or broken.
 */
function saysTooMuch({ bytes, coding }: Packed, limit: number): boolean {
  return coding === 'gzip' && bytes.length >= GZIP_LEAST && bytes.readUInt32LE(bytes.length - 4) > limit;
}

/** What is counted and not kept. */
class Counting {
  readonly #limit: number;
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(piece: Buffer): void {
    this.#length += piece.length;
    if (this.#length > this.#limit) throw failure('body_too_large', { limit: this.#limit });
  }

  finish(): Buffer {
    throw failure('encoding_malformed', {
      encoding: 'gzip',
      problem: `it ends after ${this.#length} bytes, which is not the length that it says`,
    });
  }

  abandon(): void {
    this.#length = 0;
  }
}

function attempt(act: () => void, refuse: (error: AppError) => void): void {
  try {
    act();
  } catch (error: unknown) {
    refuse(asAppError(error));
  }
}

/** By RFC 9110, deflate is in the format of zlib; some clients leave its wrapper out. */
function formatOf({ bytes, coding }: Packed): Format {
  if (coding === 'gzip') return GZIP;
  const head = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  const isWrapped = (head & 0x0f00) === 0x0800 && head % 31 === 0;
  return isWrapped || bytes.length < 2 ? ZLIB : RAW;
}

/** zlib leaves what follows its data. */
function checkEnd({ bytes, coding }: Packed, { bytesWritten }: Pick<Zlib, 'bytesWritten'>): void {
  if (bytesWritten === bytes.length) return;
  const problem = `${bytes.length - bytesWritten} bytes follow its end`;
  throw failure('encoding_malformed', { encoding: coding, problem });
}

function malformed({ coding }: Packed, error: unknown): AppError {
  // Faults of the data have names of zlib; what else may come is a fault of ours.
  if (!/^Z_(?:DATA|BUF)_ERROR$|^Z_NEED_DICT$/.test(String((error as NodeJS.ErrnoException).code)))
    return asAppError(error);
  return failure('encoding_malformed', { encoding: coding, problem: messageOf(error) }, error);
}
