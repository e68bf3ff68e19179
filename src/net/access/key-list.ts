import { hash, timingSafeEqual } from 'node:crypto';
import type { Rate } from './token-bucket.ts';

/** An API key as its file knows it: by its digest. */
export interface Key {
  /** Whose it is; several may have one name, while one takes the place of the other. */
  readonly name: string;
  /** SHA-256, 64 hex digits. */
  readonly sha256: string;
  /** Milliseconds since the epoch; from then on it is good no more. */
  readonly expires?: number | undefined;
  readonly rate?: Rate | undefined;
  /** Requests in flight at once. */
  readonly concurrent?: number | undefined;
}

/** The SHA-256 of a credential. */
export function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}

/** Finds a key by its digest, in a time that tells nothing of which it is, or how near another comes. */
export class KeyList {
  readonly keys: readonly Key[];
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly Key[]) {
    this.keys = keys;
    this.#digests = keys.map(({ sha256 }) => Buffer.from(sha256, 'hex'));
  }

  find(digest: Buffer): Key | undefined {
    let found = -1;
    for (const [at, known] of this.#digests.entries()) if (timingSafeEqual(known, digest)) found = at;
    return this.keys[found];
  }
}
