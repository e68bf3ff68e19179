import { createHash } from 'node:crypto';
import { copyFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AppError, failure, messageOf } from '#base';
import { redacted } from '#store';
import { unwritable, writing } from '../writing.ts';
import { sha256Of } from './find-links.ts';
import type { ChosenWheel, Offering } from './offers.ts';
import { besides, type WheelCache } from './place.ts';

/** The largest on PyPI has 4 GB. Bytes. */
const MOST_WHEEL = 32 * 2 ** 30;

interface Asking {
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
}

/** Whether a wheel is in the cache. */
export async function isThere(sha256: string | undefined, { wheels }: WheelCache): Promise<boolean> {
  return sha256 !== undefined && (await stat(join(wheels, sha256)).catch(() => undefined))?.isFile() === true;
}

/** Sees to it that a wheel is in the cache, and is what was locked; answers its digest. Throws what `Downloads` throws. */
export async function fetched(
  wheel: ChosenWheel,
  { cache, ...offering }: Offering,
  asking: Asking,
): Promise<string> {
  const { sha256, url } = wheel;
  if (sha256 !== undefined && (await isThere(sha256, cache))) return sha256;
  if (url === undefined) throw new Error('a wheel that is not in the cache has an address');
  if (url.startsWith('file:')) return copied(wheel, fileURLToPath(url), { cache, ...offering });
  return downloaded(wheel, url, { cache, ...offering }, asking);
}

async function copied(
  { locked, file }: ChosenWheel,
  from: string,
  { cache, random }: Offering,
): Promise<string> {
  const whole = besides(join(cache.partial, file), random);
  try {
    await copyFile(from, whole);
    const sha256 = await sha256Of(whole);
    if (!locked.sha256.includes(sha256)) throw another(file, from, sha256);
    await rename(whole, join(cache.wheels, sha256));
    return sha256;
  } catch (error: unknown) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw failure('file_unreadable', { path: from, problem: messageOf(error) }, error);
    throw unwritable(whole, error);
  } finally {
    await rm(whole, { force: true });
  }
}

/** What came with an earlier call may be of another file, or broken: then it is fetched once more, anew. */
async function downloaded(
  { locked, file, sha256: expected, size = MOST_WHEEL }: ChosenWheel,
  url: string,
  { cache, downloads }: Offering,
  asking: Asking,
): Promise<string> {
  const partial = join(cache.partial, expected ?? createHash('sha256').update(url).digest('hex'));
  for (;;) {
    const mostBytes = Math.min(size, MOST_WHEEL);
    const { sha256, isResumed } = await writing(partial, () =>
      downloads.file(url, partial, { ...asking, mostBytes }),
    );
    if (locked.sha256.includes(sha256)) return published(partial, sha256, cache);
    await writing(partial, () => rm(partial, { force: true }));
    if (!isResumed) throw another(file, redacted(url), sha256);
  }
}

/** Another process may have fetched it meanwhile, and made its file of the very same. */
async function published(partial: string, sha256: string, cache: WheelCache): Promise<string> {
  await writing(partial, () => rename(partial, join(cache.wheels, sha256))).catch(async (error: unknown) => {
    if (!(await isThere(sha256, cache))) throw error;
  });
  return sha256;
}

function another(file: string, from: string, found: string): AppError {
  const problem = `${file} has the digest sha256:${found}, which is not locked`;
  return failure('source_invalid', { uri: from, problem });
}
