import { AppError, failure, type Random } from '#base';
import { type Downloads, redacted } from '#store';
import { chosen, type Offered } from '../../wheels/choose.ts';
import type { Locked } from '../../wheels/lock.ts';
import { ACCEPT, type Link, linksOf } from '../../wheels/simple-page.ts';
import { fileNameOf } from '../../wheels/wheel-name.ts';
import { isThere } from './fetched.ts';
import { linksInFolder } from './find-links.ts';
import { noteOf, readNote, writeNote } from './notes.ts';
import type { WheelCache } from './place.ts';
import type { Settings } from './settings.ts';

export interface Offering {
  readonly settings: Settings;
  readonly downloads: Downloads;
  readonly cache: WheelCache;
  readonly ranks: ReadonlyMap<string, number>;
  /** For people: what wheels are wanted for. */
  readonly target: string;
  /** As messages name it. */
  readonly file: string;
  readonly random: Random;
}

/** A wheel to be installed; without a URL it is in the cache. */
export interface ChosenWheel extends Offered {
  readonly locked: Locked;
  readonly url?: string;
  readonly size?: number | undefined;
}

/** Of an index: PyPI's largest pages have 30 MB. */
const MOST_PAGE = 128 * 2 ** 20;

/**
 * The wheel of a package that fits best, of those that are locked. What files are called was noted before, if they were asked
 * for before: then no index is asked where the wheel is here too. Throws `requirements_invalid` where none fits.
 */
export async function choose(locked: Locked, offering: Offering, signal: AbortSignal): Promise<ChosenWheel> {
  const note = noteOf(locked, offering);
  const noted = chosen(locked, await readNote(note), offering.ranks);
  if (noted.ok && (await isThere(noted.value.sha256, offering.cache))) return { locked, ...noted.value };
  const links = await linksFor(locked, offering, signal);
  const best = chosen(locked, links, offering.ranks);
  if (!best.ok) throw nowhere(locked, best.error, offering);
  await writeNote(note, locked, links, offering.random);
  return { locked, ...best.value };
}

async function linksFor(locked: Locked, offering: Offering, signal: AbortSignal): Promise<readonly Link[]> {
  const { url } = locked;
  if (url !== undefined) return [{ url, file: fileNameOf(url) }];
  const { settings } = offering;
  const links: Link[] = [];
  for (const place of settings.findLinks) links.push(...(await linksAt(place, locked, offering, signal)));
  const indexes = settings.noIndex ? [] : [settings.indexUrl ?? '', ...settings.extraIndexUrls];
  for (const index of indexes) links.push(...(await linksOfIndex(index, locked, offering, signal)));
  if (links.length === 0) throw nowhere(locked, `${placesOf(indexes, settings)} no such package`, offering);
  return links;
}

function placesOf(indexes: readonly string[], { findLinks }: Settings): string {
  const places = [...indexes, ...findLinks].map(place => redacted(place));
  return places.length === 0
    ? 'nothing is to be asked, and there is'
    : `${places.join(' and ')} ${places.length === 1 ? 'has' : 'have'}`;
}

async function linksOfIndex(
  index: string,
  { name }: Locked,
  offering: Offering,
  signal: AbortSignal,
): Promise<readonly Link[]> {
  const url = `${index.replace(/\/+$/, '')}/${name}/`;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url))
    throw failure('requirements_invalid', {
      file: offering.file,
      problem: `the index '${redacted(index)}' is no http:// or https:// address`,
      remedy: 'name another with --index-url there, or with PIP_INDEX_URL',
    });
  try {
    return await linksOfPage(url, offering, signal);
  } catch (error: unknown) {
    // Another one may have it.
    if (error instanceof AppError && error.code === 'source_missing') return [];
    throw error;
  }
}

async function linksOfPage(
  url: string,
  { downloads }: Offering,
  signal: AbortSignal,
): Promise<readonly Link[]> {
  const page = await downloads.page(url, { accept: ACCEPT, mostBytes: MOST_PAGE, signal });
  const links = linksOf(page);
  if (!links.ok) throw failure('source_invalid', { uri: redacted(url), problem: `the page ${links.error}` });
  return links.value;
}

async function linksAt(
  place: string,
  locked: Locked,
  offering: Offering,
  signal: AbortSignal,
): Promise<readonly Link[]> {
  return /^https?:\/\//i.test(place)
    ? linksOfPage(place, offering, signal)
    : linksInFolder({ path: place, file: offering.file }, locked, offering.ranks);
}

function nowhere({ name, version, line }: Locked, problem: string, { file, target }: Offering): AppError {
  return failure('requirements_invalid', {
    file,
    problem: `line ${line}: ${name} ${version} has no wheel for ${target}: ${problem}`,
    remedy:
      'lock a version that has one, choose another base, or build a wheel, and name its folder with --find-links and its hash with --hash',
  });
}
