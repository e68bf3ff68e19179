import { createHash } from 'node:crypto';

/** `sha256:…` of all bytes that come. */
export async function streamedDigest(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
