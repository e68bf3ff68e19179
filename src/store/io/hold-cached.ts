import { join } from 'node:path';
import { AppError, failure } from '#base';
import { artifactOf } from '../cache/entry.ts';
import { type Trail, trailKey } from '../cache/trail.ts';
import { spokenOf } from '../spoken.ts';
import type { Damage, Held, Signature } from '../store.ts';
import { admissible } from './admissible.ts';
import { type Asked, mismatch, UNKNOWN } from './asked.ts';
import { bootId } from './cache/boot.ts';
import { type Leased, rootOf } from './cache/cache.ts';
import { damageOf } from './cache/checking.ts';
import { type Lock, lockExclusive } from './cache/locks.ts';
import { discard } from './cache/removing.ts';
import { type Pulled, pull } from './pull.ts';
import type { Setting } from './setting.ts';
import { isSynced, syncLater } from './syncing.ts';

/** How often it is pulled again what was damaged, or evicted before it could be leased. */
const MOST_ROUNDS = 3;

/** A model that comes through the cache. */
export async function holdCached(setting: Setting, asked: Asked): Promise<Held> {
  const key = trailKey(asked.reference, asked.wanted);
  const there = await heldFromCache(setting, asked, key);
  if (there !== undefined) return there;
  await setting.cache.prepare();
  const before = await setting.cache.trail(key);
  const { lock, hasWaited } = await locked(setting, asked, key);
  try {
    const after = hasWaited ? await setting.cache.trail(key) : undefined;
    // Whoever had the lock has just pulled it.
    const isDone = after !== undefined && after.mark !== before?.mark && isAsPinned(after, asked);
    const done = isDone
      ? await held(setting, asked, { trail: after, fetched: 0, isFresh: false })
      : undefined;
    return done ?? (await pulled(setting, asked, key));
  } finally {
    lock.release();
  }
}

function isAsPinned({ digest }: Trail, { wanted }: Asked): boolean {
  return wanted.digest === undefined || wanted.digest === digest;
}

async function locked(
  { cache, random }: Setting,
  { signal, tell }: Asked,
  key: string,
): Promise<{ lock: Lock; hasWaited: boolean }> {
  let hasWaited = false;
  const onWait = (): void => {
    hasWaited = true;
    tell({ phase: 'waiting', ...UNKNOWN });
  };
  const lock = await lockExclusive(cache.lockFile(key), { random, signal, onWait });
  return { lock, hasWaited };
}

/** A pinned model that is here needs no network; nor does any where there is none. */
async function heldFromCache(setting: Setting, asked: Asked, key: string): Promise<Held | undefined> {
  const { digest } = asked.wanted;
  const trail = await setting.cache.trail(key, digest);
  const isKnown = trail !== undefined && (digest !== undefined || setting.offline);
  const there = isKnown
    ? await held(setting, asked, { trail, fetched: 0, isFresh: false }).catch(error =>
        unlessUnsigned(error, setting),
      )
    : undefined;
  if (there !== undefined || !setting.offline) return there;
  const problem = 'it is not in the cache, and nothing may be fetched: FAIRLEAD_OFFLINE is set';
  throw failure('source_missing', { uri: asked.uri, problem });
}

/** It may have been signed since, or by somebody else: its source knows. */
function unlessUnsigned(error: unknown, { offline }: Setting): undefined {
  if (offline || !(error instanceof AppError) || error.code !== 'signature_invalid') throw error;
}

async function pulled(setting: Setting, asked: Asked, key: string): Promise<Held> {
  for (let round = 1; round <= MOST_ROUNDS; round++) {
    const result = await pull(setting, asked, key);
    const found = await held(setting, asked, result);
    if (found !== undefined) return found;
  }
  const problem = 'what was pulled was gone again before it could be read';
  throw failure('cache_unusable', { path: setting.cache.layout.folder, problem });
}

/** Undefined where it is not there, or was damaged and is to be fetched anew. */
async function held(setting: Setting, asked: Asked, result: Pulled): Promise<Held | undefined> {
  const { cache, random } = setting;
  if (asked.repair && !setting.offline && !(await cache.isUsable(result.trail.tree))) return undefined;
  const leased = await cache.lease(result.trail.tree, { random, signal: asked.signal });
  if (leased === undefined) return undefined;
  let isKept = false;
  try {
    if (!result.isFresh && !(await isSound(setting, asked, leased))) return undefined;
    await admit(setting, asked, { leased, trail: result.trail });
    isKept = true;
    return heldOf(setting, asked, { leased, result });
  } finally {
    if (!isKept) leased.lease.release();
  }
}

/** Reads it through. What is damaged is taken out where it may be fetched anew, and refused otherwise. */
async function isSound(setting: Setting, asked: Asked, leased: Leased): Promise<boolean> {
  const { cache, logger } = setting;
  const { tell, signal, uri, repair } = asked;
  const onProgress = (progress: typeof UNKNOWN | object): void =>
    tell({ phase: 'verifying', ...UNKNOWN, ...progress });
  const [damage] = await damageOf(leased, { signal, onProgress });
  if (damage === undefined) return true;
  const isLost = await wasLost(leased);
  if (setting.offline || (!repair && !isLost)) throw mismatch(uri, worded(damage));
  logger.log('warn', 'a damaged model is fetched anew', { uri, ...damage, afterPowerCut: isLost });
  await cache.prepare();
  await discard(cache, leased.tree.id);
  return false;
}

function worded({ file, expected, found }: Damage): {
  file: string | undefined;
  expected: string;
  found: string | undefined;
} {
  return { file, expected: expected ?? 'another', found };
}

/** It was written, the machine stopped before all of that was on the disk, and was started again. */
async function wasLost({ tree, entry }: Leased): Promise<boolean> {
  const boot = await bootId();
  if (entry.boot === undefined || boot === undefined || entry.boot === boot) return false;
  return !(await isSynced(tree));
}

async function admit(
  { admission, cache }: Setting,
  { wanted }: Asked,
  { leased: { tree, entry }, trail }: { leased: Leased; trail: Trail },
): Promise<void> {
  const manifest = artifactOf(entry);
  admission.beforeFetching(wanted, manifest.files);
  const { revision } = trail;
  const signatures = async (): Promise<readonly Signature[]> => trail.signatures;
  await admission.beforeHolding(
    wanted,
    admissible({ manifest, root: rootOf(tree, entry), revision, signatures }),
  );
  await cache.noteAdmitted(tree, admission.marks);
}

function heldOf(
  setting: Setting,
  asked: Asked,
  { leased, result }: { leased: Leased; result: Pulled },
): Held {
  const { tree, entry, lease } = leased;
  const { trail, fetched } = result;
  const { uri, reference, tell, wanted } = asked;
  void setting.cache.noteUse(tree, setting.clock.date());
  const stop = syncLater(tree, entry);
  const total = entry.laid.files.reduce((sum, { size }) => sum + size, 0);
  tell({
    phase: 'done',
    files: entry.laid.files.length,
    total,
    done: total,
    reused: Math.max(0, total - fetched),
  });
  return {
    uri: wanted.uri,
    root: join(tree.files, trail.named ?? ''),
    spoken: spokenOf(reference, { uri, named: trail.named, within: entry.within }),
    digest: entry.digest,
    manifest: artifactOf(entry),
    ...(trail.revision !== undefined && { revision: trail.revision }),
    fetched,
    release: () => {
      stop();
      lease.release();
    },
  };
}
