import type { FileHandle } from 'node:fs/promises';
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { messageOf } from '#base';
import type { ArchiveFormat } from '../../source.ts';
import { Refusal } from './refusal.ts';
import { Tape } from './tape.ts';

/** Bytes at once. */
const CHUNK = 128 * 1024;

type Packing = 'tar+gzip' | 'tar+zstd';

const OPENED: Readonly<Record<Packing, () => Transform & { bytesWritten: number }>> = {
  'tar+gzip': () => createGunzip({ chunkSize: CHUNK }),
  // A frame may ask for a window of at most 128 MiB (2^27), zlib's own bound for zstd.
  'tar+zstd': () => createZstdDecompress({ chunkSize: CHUNK }),
};

/** Of zstd's skippable frames, which others keep notes in: 0x184D2A50 to 5F, and a length. */
const SKIPPABLE = 0x184d2a5;
const SKIPPABLE_HEADER = 8;

/** A file's bytes. It stays open: a stream of the handle's own would close it. */
export async function* packedFile(archive: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const { buffer, bytesRead } = await archive.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * The tar file within an archive, which is read once, and whose chunks stay as they are. It may be packed in several frames one
 * after another, as parallel packers make them: zlib reads on by itself in gzip only. Throws a `Refusal` for what is broken, cut
 * off, or goes on after its end.
 */
export async function* unpacked(
  packed: AsyncIterable<Uint8Array>,
  format: Exclude<ArchiveFormat, 'zip'>,
): AsyncGenerator<Uint8Array> {
  if (format === 'tar') {
    yield* packed;
    return;
  }
  const tape = new Tape(packed);
  try {
    yield* frames(tape, format);
  } finally {
    tape.close();
  }
}

async function* frames(tape: Tape, format: Packing): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let place = 'before'; place !== 'there'; place = await tape.toEnd(at)) {
    if (place === 'behind') throw new Refusal('is cut off');
    const skipped = format === 'tar+zstd' ? await skippable(tape, at) : 0;
    at += skipped > 0 ? skipped : yield* frame(tape, at, OPENED[format]());
    tape.drop(at);
  }
}

/** What one decompressor makes of the bytes from a place on; answers how many of them it took. */
async function* frame(
  tape: Tape,
  at: number,
  decompressor: Transform & { bytesWritten: number },
): AsyncGenerator<Uint8Array, number> {
  const source = Readable.from(tape.from(at));
  source.on('error', error => decompressor.destroy(error));
  source.pipe(decompressor);
  try {
    for await (const chunk of decompressor) {
      tape.drop(at + decompressor.bytesWritten);
      yield chunk as Uint8Array;
    }
  } catch (error: unknown) {
    throw problemOf(error, at);
  } finally {
    source.destroy();
    decompressor.destroy();
  }
  if (decompressor.bytesWritten === 0) throw new Refusal('has something after its end');
  return decompressor.bytesWritten;
}

/** What zlib says is about the archive; the rest about where it lies. */
function problemOf(error: unknown, at: number): unknown {
  const { code } = error as { code?: unknown };
  if (code === 'Z_BUF_ERROR') return new Refusal('is cut off');
  if (typeof code !== 'string' || !/^Z(?:STD)?_/.test(code)) return error;
  return new Refusal(at > 0 ? 'has something after its end' : `is broken: ${messageOf(error)}`);
}

/** The length of a skippable frame at a place, 0 where none is. */
async function skippable(tape: Tape, at: number): Promise<number> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tape.from(at)) {
    chunks.push(chunk);
    if (chunks.reduce((all, { length }) => all + length, 0) >= SKIPPABLE_HEADER) break;
  }
  const header = Buffer.concat(chunks);
  if (header.length < SKIPPABLE_HEADER || header.readUInt32LE(0) >>> 4 !== SKIPPABLE) return 0;
  return SKIPPABLE_HEADER + header.readUInt32LE(4);
}
