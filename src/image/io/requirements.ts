import { failure, type Random, type Result } from '#base';
import { type Downloads, openDownloads } from '#store';
import type { BaseImage } from '../base-image.ts';
import { imageText } from '../image-name.ts';
import { architectureOf } from '../platform.ts';
import type { LayerFiles } from '../recipe.ts';
import { type Interpreter, interpreterOf } from '../wheels/interpreter.ts';
import { type Gathered, layerOf } from '../wheels/layer.ts';
import { libcOf } from '../wheels/libc.ts';
import { type Locked, type LockProblem, parseLock } from '../wheels/lock.ts';
import { distInfoOf } from '../wheels/placing.ts';
import { ranksOf } from '../wheels/tags.ts';
import { type Target, targetText } from '../wheels/target.ts';
import { wantedOf } from '../wheels/wanted.ts';
import { atOnce } from './at-once.ts';
import { fetched } from './wheels/fetched.ts';
import { type ChosenWheel, choose, type Offering } from './wheels/offers.ts';
import { wheelCache } from './wheels/place.ts';
import { type Settings, settingsFor } from './wheels/settings.ts';
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
  const lock = accepted(parseLock(text, options.environment), file);
  const { interpreter, target } = placeOf(options.base);
  const wanted = accepted(wantedOf(lock, target), file);
  const settings = await settingsFor(lock.index, options.environment);
  const cache = await wheelCache(options.cache);
  const downloads = await downloadsFor(settings, options);
  const place = { ranks: ranksOf(target), target: targetText(target), file };
  try {
    const all = await gathered(
      wanted,
      { settings, cache, downloads, random: options.random, ...place },
      options,
    );
    return accepted(layerOf(all, { file, interpreter, target }), file);
  } finally {
    downloads.close();
  }
}

function accepted<T>(read: Result<T, LockProblem>, file: string): T {
  if (!read.ok) throw failure('requirements_invalid', { file, ...read.error });
  return read.value;
}

function downloadsFor(settings: Settings, { environment, random }: GatherOptions): Promise<Downloads> {
  const { indexUrl = '', extraIndexUrls, findLinks, pem } = settings;
  return openDownloads({
    patienceMs: PATIENCE_MS,
    connections: AT_ONCE,
    attempts: ATTEMPTS,
    accounts: [indexUrl, ...extraIndexUrls, ...findLinks],
    authorities: pem,
    environment,
    random,
  });
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

/** All are chosen before any is fetched: what is wrong with a lock is then said before its gigabytes have come. */
async function gathered(
  wanted: readonly Locked[],
  offering: Offering,
  { signal, tell }: GatherOptions,
): Promise<readonly Gathered[]> {
  tell?.({ phase: `choose ${wanted.length} packages of Python`, done: 0, total: undefined });
  const chosen = await atOnce(wanted, AT_ONCE, signal, (locked, ended) => choose(locked, offering, ended));
  const total = bytesOf(chosen);
  let done = 0;
  const onBytes = (bytes: number): void =>
    tell?.({ phase: 'fetch packages of Python', done: (done += bytes), total });
  return atOnce(chosen, AT_ONCE, signal, (one, ended) => gather(one, offering, { signal: ended, onBytes }));
}

/** Of what is to be fetched; undefined where an index does not tell. */
function bytesOf(chosen: readonly ChosenWheel[]): number | undefined {
  const sizes = chosen.filter(({ url }) => url?.startsWith('http')).map(({ size }) => size);
  return sizes.every(size => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
}

async function gather(
  one: ChosenWheel,
  offering: Offering,
  asking: { signal: AbortSignal; onBytes: (bytes: number) => void },
): Promise<Gathered> {
  const { locked, file } = one;
  const sha256 = await fetched(one, offering, asking);
  const wheel = await unpacked(sha256, file, { ...offering, signal: asking.signal });
  const paths = wheel.files.map(({ path }) => path);
  const distInfo = distInfoOf(paths, locked);
  if (!distInfo.ok) throw failure('archive_invalid', { path: file, problem: `it ${distInfo.error}` });
  return { locked, file, sha256, wheel: { ...wheel, distInfo: distInfo.value } };
}
