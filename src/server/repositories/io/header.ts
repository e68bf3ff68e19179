import { type FileHandle, open } from 'node:fs/promises';
import { err, messageOf, ok, type Result } from '#base';
import { type OnnxHeader, readHeader } from '../../runtimes/onnx/header.ts';
import type { ByteSource } from '../../runtimes/onnx/wire.ts';

/** Bytes of a piece that is held, and of all of them. */
const BLOCK = 4096;
const MOST_HELD = 64 * 1024 * 1024;
const MOST_AHEAD = 64;

/**
 * What an ONNX file says of its tensors. The file is read in pieces as they are needed, so that the event loop is never
 * held by a slow disk. Never throws; what is wrong follows the words "the model file".
 */
export async function headerOf(path: string): Promise<Result<OnnxHeader, string>> {
  try {
    const file = await open(path, 'r');
    try {
      return await headerIn(file);
    } finally {
      await file.close();
    }
  } catch (error: unknown) {
    return err(`cannot be read: ${messageOf(error)}`);
  }
}

async function headerIn(file: FileHandle): Promise<Result<OnnxHeader, string>> {
  const blocks = new Blocks(file, (await file.stat()).size);
  for (;;) {
    try {
      const header = readHeader(blocks);
      return header.ok ? ok(header.value) : err(`is not served: ${header.error.problem}`);
    } catch (error: unknown) {
      // What was read so far is walked again: the reader is not made to wait in its midst.
      if (!(error instanceof NotHeld)) throw error;
      if (!(await blocks.hold(error.block))) return err('has too long a header to be checked');
    }
  }
}

/** Thrown for a piece that must be read first. */
class NotHeld extends Error {
  readonly block: number;

  constructor(block: number) {
    super(`block ${block} is not held`);
    this.block = block;
  }
}

class Blocks implements ByteSource {
  readonly size: number;
  readonly #file: FileHandle;
  readonly #held = new Map<number, Buffer>();
  #last = -1;
  #ahead = 16;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  read(offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, this.size);
    if (offset >= end) return Buffer.alloc(0);
    const parts: Buffer[] = [];
    for (let block = Math.floor(offset / BLOCK); block * BLOCK < end; block++) {
      const held = this.#held.get(block);
      if (held === undefined) throw new NotHeld(block);
      parts.push(held);
    }
    const from = offset % BLOCK;
    return (parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)).subarray(
      from,
      from + end - offset,
    );
  }

  /** Reads a piece and, where pieces are asked for in a row, ever more behind it. False when it would hold too much. */
  async hold(block: number): Promise<boolean> {
    if (this.#held.size * BLOCK >= MOST_HELD) return false;
    this.#ahead = block === this.#last + 1 ? Math.min(2 * this.#ahead, MOST_AHEAD) : 1;
    const bytes = Buffer.alloc(Math.min(this.#ahead * BLOCK, this.size - block * BLOCK));
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, block * BLOCK);
    if (bytesRead === 0) throw new Error('it has become shorter');
    for (let at = 0; at < bytesRead; at += BLOCK)
      this.#held.set(block + at / BLOCK, bytes.subarray(at, Math.min(at + BLOCK, bytesRead)));
    this.#last = block + Math.ceil(bytesRead / BLOCK) - 1;
    return true;
  }
}
