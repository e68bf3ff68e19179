import { failure, type Random } from '#base';
import { openDownloads } from '#store';
import type { BaseImage } from '../base-image.ts';
import { imageText } from '../image-name.ts';
import { architectureOf } from '../platform.ts';
import type { LayerFiles } from '../recipe.ts';
import { type Interpreter, interpreterOf } from '../wheels/interpreter.ts';
import { type Gathered, layerOf } from '../wheels/layer.ts';
import { libcOf } from '../wheels/libc.ts';
import { type LockProblem, parseLock } from '../wheels/lock.ts';
import { distInfoOf } from '../wheels/placing.ts';
import { ranksOf } from '../wheels/tags.ts';
import { type Target, targetText } from '../wheels/target.ts';
import { wantedOf } from '../wheels/wanted.ts';
import { atOnce } from './wheels/at-once.ts';
import { fetched } from './wheels/fetched.ts';
import { type ChosenWheel, choose, type Offering } from './wheels/offers.ts';
import { wheelCache } from './wheels/place.ts';
import { settingsFor } from './wheels/settings.ts';
import { unpacked } from './wheels/unpacked.ts';

export interface GatherOptions {
  /** What the packages are to run on. */
  readonly base: BaseImage;
  /** A folder, which may be shared by processes and is kept from one build to the next. */
  readonly cache: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Of bytes that are fetched. */
  readonly tell?: (progress: { phase: string; done: number; total: number | undefined }) => void;
}

const AT_ONCE = 4;
const PATIENCE_MS = 30_000;
const ATTEMPTS = 5;

/**
 * The layer of a lock's packages, as wheels of the index that pip would ask, each what its hash says. No Python is run, so that
 * it is the same on every machine. Throws `requirements_invalid`, `base_unusable`, `image_unwritable`, `archive_invalid` for a
 * wheel that is broken, what the store throws of places that cannot be read, or the signal's reason.
 */
export async function gatherRequirements(
  { file, text }: { file: string; text: string },
  options: GatherOptions,
): Promise<LayerFiles> {
  const { base, environment, signal } = options;
  const refuse = (problem: LockProblem): Error => failure('requirements_invalid', { file, ...problem });
  const lock = parseLock(text, environment);
  if (!lock.ok) throw refuse(lock.error);
  const { interpreter, target } = placeOf(base);
  const wanted = wantedOf(lock.value, target);
  if (!wanted.ok) throw refuse(wanted.error);
  const settings = await settingsFor(lock.value.index, environment);
  const downloads = await openDownloads({
    patienceMs: PATIENCE_MS,
    connections: AT_ONCE,
    attempts: ATTEMPTS,
    environment,
    random: options.random,
    accounts: [settings.indexUrl ?? '', ...settings.extraIndexUrls, ...settings.findLinks],
    authorities: settings.pem,
  });
  try {
    const cache = await wheelCache(options.cache);
    const offering: Offering = {
      settings,
      downloads,
      cache,
      ranks: ranksOf(target),
      target: targetText(target),
      file,
      random: options.random,
    };
    const chosen = await atOnce(wanted.value, AT_ONCE, signal, (locked, ended) =>
      choose(locked, offering, ended),
    );
    const all = await gathered(chosen, offering, options);
    const layer = layerOf(all, { file, interpreter, target });
    if (!layer.ok) throw refuse(layer.error);
    return layer.value;
  } finally {
    downloads.close();
  }
}

function placeOf(base: BaseImage): { interpreter: Interpreter; target: Target } {
  const refuse = (problem: string): Error =>
    failure('base_unusable', { base: imageText(base.name), problem });
  const interpreter = interpreterOf(base);
  if (!interpreter.ok) throw refuse(interpreter.error);
  const libc = libcOf(base.contents);
  if (libc === undefined) throw refuse('it has no C library that wheels are made for');
  const target = { python: interpreter.value, architecture: architectureOf(base.platform), libc };
  return { interpreter: interpreter.value, target };
}

async function gathered(
  chosen: readonly ChosenWheel[],
  offering: Offering,
  { signal, tell }: GatherOptions,
): Promise<readonly Gathered[]> {
  const sizes = chosen.filter(({ url }) => url?.startsWith('http')).map(({ size }) => size);
  const total = sizes.every(size => size !== undefined)
    ? sizes.reduce((sum, size) => sum + size, 0)
    : undefined;
  let done = 0;
  const onBytes = (bytes: number): void => tell?.({ phase: 'requirements', done: (done += bytes), total });
  return atOnce(chosen, AT_ONCE, signal, async (one, ended) => {
    const { locked, file } = one;
    const sha256 = await fetched(one, offering, { signal: ended, onBytes });
    const wheel = await unpacked(sha256, file, { ...offering, signal: ended });
    const distInfo = distInfoOf(
      wheel.files.map(({ path }) => path),
      locked,
    );
    if (!distInfo.ok) throw failure('archive_invalid', { path: file, problem: `it ${distInfo.error}` });
    return { locked, file, sha256, wheel: { ...wheel, distInfo: distInfo.value } };
  });
}
