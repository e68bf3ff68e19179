import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '#base';
import type { Offered } from '../../wheels/choose.ts';
import type { Locked } from '../../wheels/lock.ts';
import { writing } from '../writing.ts';
import type { Offering } from './offers.ts';
import { besides } from './place.ts';

/** Where it is noted what files are called that were offered for a package, by all that decides on that. */
export function noteOf(
  { name, version, sha256, url }: Locked,
  { settings, cache }: Pick<Offering, 'settings' | 'cache'>,
): string {
  const { indexUrl, extraIndexUrls, findLinks, noIndex } = settings;
  const asked = [name, version, sha256.toSorted(), url, indexUrl, extraIndexUrls, findLinks, noIndex];
  return join(cache.offers, `${createHash('sha256').update(JSON.stringify(asked)).digest('hex')}.json`);
}

/** One that is not there, or was written by nobody knows whom, says nothing. */
export async function readNote(path: string): Promise<readonly Offered[]> {
  try {
    const found = JSON.parse(await readFile(path, 'utf8')) as unknown;
    return Array.isArray(found) ? found.filter(isOffered) : [];
  } catch {
    return [];
  }
}

function isOffered(value: unknown): value is { file: string; sha256: string } {
  const { file, sha256 } = (value ?? {}) as Record<string, unknown>;
  return typeof file === 'string' && typeof sha256 === 'string';
}

/** Only what is locked, and is known to be that. */
export async function writeNote(
  path: string,
  { sha256 }: Locked,
  links: readonly Offered[],
  random: Random,
): Promise<void> {
  const ours = links.filter(link => link.sha256 !== undefined && sha256.includes(link.sha256));
  if (ours.length === 0) return;
  const text = JSON.stringify(ours.map(link => ({ file: link.file, sha256: link.sha256 })));
  const whole = besides(path, random);
  await writing(path, async () => {
    try {
      await writeFile(whole, text);
      await rename(whole, path);
    } finally {
      await rm(whole, { force: true });
    }
  });
}
