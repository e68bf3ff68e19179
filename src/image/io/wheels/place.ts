import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '#base';
import { writing } from '../writing.ts';

/** The part of a cache that wheels are kept in: folders. */
export interface WheelCache {
  /** Wheels, by their digest: what has this name is whole. */
  readonly wheels: string;
  /** What has come of those that are not. */
  readonly partial: string;
  /** Wheels unpacked, by their digest. */
  readonly unpacked: string;
  /** What files are called, by what was locked: without their addresses, which may be secret. */
  readonly offers: string;
}

export async function wheelCache(cache: string): Promise<WheelCache> {
  const folder = (name: string): string => join(cache, 'wheels', name);
  const made = {
    wheels: folder('sha256'),
    partial: folder('partial'),
    unpacked: folder('unpacked'),
    offers: folder('offers'),
  };
  for (const path of Object.values(made)) await writing(path, () => mkdir(path, { recursive: true }));
  for (const path of Object.values(made)) await sweep(path);
  return made;
}

let names = 0;

/** A name that nobody else has, beside one that is to be made whole before it is seen. */
export function besides(path: string, random: Random): string {
  return `${path}.${process.pid}-${names++}-${Math.floor(random.next() * 2 ** 48).toString(36)}.new`;
}

/** No build works on one as long. Milliseconds. */
const LEFT_MS = 24 * 3_600_000;

/** Takes away what builds left that were killed while they made it. What cannot be taken away harms nobody. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.endsWith('.new')) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    const isLeft = found !== undefined && Date.now() - found.mtimeMs > LEFT_MS;
    if (isLeft) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
