/** The digests that sources tell of their files, and that artifacts are pinned by. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Checksum } from '../../source.ts';

export type Algorithm = Checksum['algorithm'];

export interface Digest {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. */
  digest(): string;
}

/** Git puts the size of the whole before the bytes. */
export function startDigest(algorithm: Algorithm, size: number | undefined): Digest {
  if (algorithm === 'crc32') return startCrc();
  if (algorithm !== 'git-sha1') return hashing(createHash(algorithm));
  return hashing(createHash('sha1').update(`blob ${size ?? 0}\0`));
}

function hashing(hash: ReturnType<typeof createHash>): Digest {
  return { update: bytes => void hash.update(bytes), digest: () => hash.digest('hex') };
}

function startCrc(): Digest {
  let crc = 0;
  return {
    update: bytes => {
      crc = crc32(bytes, crc);
    },
    digest: () => crc.toString(16).padStart(8, '0'),
  };
}
