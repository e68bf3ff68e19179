/** The file that is pulled: bytes that nothing can compress, the same for the same size. */
import { createCipheriv, createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Artifact {
  readonly path: string;
  readonly size: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

const CHUNK = 8 * 1024 * 1024;

/** Writes a file of so many bytes. */
export async function makeArtifact(path: string, size: number): Promise<Artifact> {
  const hash = createHash('sha256');
  await pipeline(Readable.from(chunks(size, hash)), createWriteStream(path));
  return { path, size, sha256: hash.digest('hex') };
}

/** The key stream of a cipher is as good as random, and comes at gigabytes a second. */
function* chunks(size: number, hash: ReturnType<typeof createHash>): Generator<Buffer> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16, 1));
  const zeros = Buffer.alloc(CHUNK);
  for (let left = size; left > 0; left -= CHUNK) {
    const chunk = cipher.update(zeros.subarray(0, Math.min(left, CHUNK)));
    hash.update(chunk);
    yield chunk;
  }
}
