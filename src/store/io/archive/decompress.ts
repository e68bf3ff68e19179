import type { FileHandle } from 'node:fs/promises';
import { Readable, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { messageOf } from '#base';
import type { ArchiveFormat } from '../../source.ts';
import { Refusal } from './refusal.ts';

/** Bytes at once. */
const CHUNK = 256 * 1024;

type Packed = 'tar+gzip' | 'tar+zstd';

const OPENED: Readonly<Record<Packed, () => Transform & { bytesWritten: number }>> = {
  'tar+gzip': () => createGunzip({ chunkSize: CHUNK }),
  // A frame may ask for a window of at most 128 MiB (2^27), zlib's own bound for zstd.
  'tar+zstd': () => createZstdDecompress({ chunkSize: CHUNK }),
};

/** Of zstd's skippable frames, which others keep notes in: 0x184D2A50 to 5F, and a length. */
const SKIPPABLE = 0x184d2a5;
const SKIPPABLE_HEADER = 8;

/**
 * The tar file within an archive, by its path and size. It may be packed in several frames one after another, as parallel packers
 * make them: zlib reads on by itself in gzip only. Throws a `Refusal` for what is broken, cut off, or goes on after its end.
 */
export async function* unpacked(
  archive: FileHandle,
  size: number,
  format: Exclude<ArchiveFormat, 'zip'>,
): AsyncGenerator<Uint8Array> {
  if (format === 'tar') yield* bytesFrom(archive, 0);
  else yield* frames(archive, size, format);
}

async function* frames(archive: FileHandle, size: number, format: Packed): AsyncGenerator<Uint8Array> {
  let at = 0;
  do {
    const skipped = format === 'tar+zstd' ? await skippable(archive, at) : 0;
    at += skipped > 0 ? skipped : yield* frame(archive, at, OPENED[format]());
  } while (at < size);
  if (at > size) throw new Refusal('is cut off');
}

/** A stream of the handle's own would close it. */
async function* bytesFrom(archive: FileHandle, start: number): AsyncGenerator<Uint8Array> {
  for (let at = start; ; ) {
    const { buffer, bytesRead } = await archive.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** What one decompressor makes of the bytes from a place on; answers how many of them it took. */
async function* frame(
  archive: FileHandle,
  at: number,
  decompressor: Transform & { bytesWritten: number },
): AsyncGenerator<Uint8Array, number> {
  const packed = Readable.from(bytesFrom(archive, at));
  packed.on('error', error => decompressor.destroy(error));
  packed.pipe(decompressor);
  try {
    yield* decompressor as AsyncIterable<Uint8Array>;
  } catch (error: unknown) {
    throw new Refusal(problemOf(error, at));
  } finally {
    packed.destroy();
    decompressor.destroy();
  }
  if (decompressor.bytesWritten === 0) throw new Refusal('has something after its end');
  return decompressor.bytesWritten;
}

function problemOf(error: unknown, at: number): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return 'is cut off';
  return at > 0 ? 'has something after its end' : `is broken: ${messageOf(error)}`;
}

/** The length of a skippable frame at a place, 0 where none is. */
async function skippable(archive: FileHandle, at: number): Promise<number> {
  const { buffer, bytesRead } = await archive.read(Buffer.alloc(SKIPPABLE_HEADER), 0, SKIPPABLE_HEADER, at);
  if (bytesRead < SKIPPABLE_HEADER || buffer.readUInt32LE(0) >>> 4 !== SKIPPABLE) return 0;
  return SKIPPABLE_HEADER + buffer.readUInt32LE(4);
}
