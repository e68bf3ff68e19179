import { setImmediate } from 'node:timers/promises';
import type { Segment } from '../tar/plan.ts';

/** Reads the bytes of a file, `size` in all, from `start` on: exactly the rest of them, or it throws. */
export type ReadBody<B> = (body: B, size: number, start: number) => AsyncIterable<Uint8Array>;

/** Chunks that are smaller are put together. */
const LEAST_CHUNK = 64 * 1024;
const CHUNK = 256 * 1024;

/** The bytes of a tar file from `start` on; nothing of what lies before is read. */
export async function* readSegments<B>(
  segments: readonly Segment<B>[],
  start: number,
  readBody: ReadBody<B>,
): AsyncGenerator<Uint8Array> {
  const small = new SmallChunks();
  for await (const chunk of piecesOf(segments, start, readBody)) {
    if (chunk.length < LEAST_CHUNK && small.take(chunk)) continue;
    if (small.length > 0) yield small.gathered();
    // Small files are read without waiting for anything: here others get their turn.
    await setImmediate();
    if (chunk.length < LEAST_CHUNK) small.take(chunk);
    else yield chunk;
  }
  if (small.length > 0) yield small.gathered();
}

async function* piecesOf<B>(
  segments: readonly Segment<B>[],
  start: number,
  readBody: ReadBody<B>,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const one of segments) {
    const size = one instanceof Uint8Array ? one.length : one.size;
    const skipped = Math.max(0, start - at);
    at += size;
    if (skipped >= size) continue;
    if (one instanceof Uint8Array) yield one.subarray(skipped);
    else yield* readBody(one.body, one.size, skipped);
  }
}

/** Headers and small files, of which there are thousands: each on its own costs more than its bytes. */
class SmallChunks {
  #chunks: Uint8Array[] = [];
  length = 0;

  /** Whether there was room for it. It is copied: its memory may be the giver's. */
  take(chunk: Uint8Array): boolean {
    if (this.length + chunk.length > CHUNK) return false;
    this.#chunks.push(Uint8Array.from(chunk));
    this.length += chunk.length;
    return true;
  }

  gathered(): Uint8Array {
    const bytes = Buffer.concat(this.#chunks, this.length);
    this.#chunks = [];
    this.length = 0;
    return bytes;
  }
}
