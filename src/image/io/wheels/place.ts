import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '#base';
import { writing } from './unwritable.ts';

/** The part of a cache that wheels are kept in. */
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
  const root = join(cache, 'wheels');
  const [wheels, partial, unpacked, offers] = ['sha256', 'partial', 'unpacked', 'offers'].map(name =>
    join(root, name),
  ) as [string, string, string, string];
  for (const folder of [wheels, partial, unpacked, offers])
    await writing(folder, () => mkdir(folder, { recursive: true }));
  return { wheels, partial, unpacked, offers };
}

/** A name that nobody else has, beside one that is to be made whole before it is seen. */
export function besides(path: string, random: Random): string {
  return `${path}.${process.pid}-${Math.floor(random.next() * 2 ** 48).toString(36)}.new`;
}
