import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Starting a thread takes longer than hashing this much here. Bytes. */
const SMALL = 256 * 1024;

/** The size and SHA-256 of a file, hashed on this thread; undefined for one that is larger than is good for it. */
export async function smallFile(path: string): Promise<{ size: number; sha256: string } | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > SMALL) return undefined;
    // One more byte tells of a file that has grown.
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size + 1), 0, size + 1, 0);
    if (bytesRead > size) return undefined;
    const sha256 = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
    return { size: bytesRead, sha256 };
  } finally {
    await file.close();
  }
}
