import { AppError, failure, suggest } from '#base';
import { isSafePath, type Listing, type RemoteFile } from '../../source.ts';

/** An object of a bucket. */
export interface Entry extends Omit<RemoteFile, 'path'> {
  readonly size: number;
}

/** A bucket, as far as listing takes it. Each throws the errors of sources, or the signal's reason. */
export interface Bucket {
  /** What begins with a text, up to the next `/`: objects and folders, the latter with the `/`. One page, perhaps not all. */
  level(prefix: string, signal: AbortSignal): Promise<Level>;
  /** All that begins with a text, page by page. */
  below(prefix: string, signal: AbortSignal): AsyncIterable<readonly Entry[]>;
  /** One object, without listing. */
  one(key: string, signal: AbortSignal): Promise<Entry>;
  /** The URI of another key of it. */
  uriOf(key: string): string;
}

/** Who asks for what, for how long. */
export interface Asked {
  readonly bucket: Bucket;
  /** As it may be shown. */
  readonly uri: string;
  readonly signal: AbortSignal;
}

export interface Level {
  readonly entries: readonly Entry[];
  readonly folders: readonly string[];
  readonly isWhole: boolean;
}

/**
 * All that a key leads to: an object and the weights that bear its name, or else what lies below it as below a folder. One
 * request says which of the two it is, and what is near where it is none.
 */
export async function listingOf(asked: Asked, key: string): Promise<Listing> {
  if (key === '') return folder(asked, '');
  const { bucket, signal } = asked;
  const level = await bucket.level(key, signal).catch(error => alone(asked, key, error));
  const named = level.entries.find(entry => entry.key === key);
  const isFolder = level.folders.includes(`${key}/`);
  // An empty object that bears the name of a folder is what some tools mark folders with.
  if (named !== undefined && !(named.size === 0 && isFolder)) return file(asked, named, level);
  if (isFolder || !level.isWhole) {
    const listing = await folder(asked, `${key}/`).catch(error => error as unknown);
    if (isListing(listing)) return listing;
    if (isFolder || !isCode(listing, 'source_missing')) throw listing;
  }
  throw await missing(asked, key, level);
}

const isListing = (found: unknown): found is Listing =>
  typeof found === 'object' && found !== null && 'files' in found;
const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof AppError && codes.includes(error.code);

/** Who may not list may still read the object. Where it is not there either, what was said of listing says more. */
async function alone({ bucket, signal }: Asked, key: string, error: unknown): Promise<Level> {
  if (!isCode(error, 'source_refused', 'source_missing')) throw error;
  const entry = await bucket.one(key, signal).catch(() => undefined);
  signal.throwIfAborted();
  if (entry === undefined) throw error;
  return { entries: [entry], folders: [], isWhole: false };
}

async function file({ bucket, signal }: Asked, named: Entry, level: Level): Promise<Listing> {
  const weights: Entry[] = [];
  for (const key of [`${named.key}.data`, `${named.key}_data`]) {
    const listed = level.entries.find(entry => entry.key === key);
    // Whoever may not list is told that what is not there is refused.
    const found =
      listed ?? (level.isWhole ? undefined : await bucket.one(key, signal).catch(refusedIsMissing));
    if (found !== undefined) weights.push(found);
  }
  const start = named.key.lastIndexOf('/') + 1;
  const files = [named, ...weights].map(entry => ({ ...entry, path: entry.key.slice(start) }));
  return { files, named: named.key.slice(start) };
}

function refusedIsMissing(error: unknown): undefined {
  if (!isCode(error, 'source_refused', 'source_missing')) throw error;
}

/** Files of a folder, at most. Their list is kept in memory, and more of them are no model. */
const MOST_FILES = 100_000;

async function folder({ bucket, uri, signal }: Asked, prefix: string): Promise<Listing> {
  const entries: Entry[] = [];
  for await (const page of bucket.below(prefix, signal)) {
    for (const entry of page) if (!entry.key.endsWith('/')) entries.push(entry);
    if (entries.length > MOST_FILES)
      throw failure('source_invalid', {
        uri,
        problem: `more than ${MOST_FILES} files lie there; name a folder of it`,
      });
  }
  const files = entries.map(entry => ({ ...entry, path: entry.key.slice(prefix.length) }));
  if (files.length === 0)
    throw failure('source_missing', {
      uri,
      problem: prefix === '' ? 'it holds nothing' : 'nothing lies below it',
    });
  return { files: asTree(files, uri).toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** Refuses names that cannot be files of a folder, and leaves out empty ones that others lie below: folders' markers. */
function asTree<F extends RemoteFile>(files: readonly F[], uri: string): readonly F[] {
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)));
  return files.filter(({ path, key, size }) => {
    if (!isSafePath(path))
      throw failure('source_invalid', { uri, problem: `the key '${key}' can be no path of a file` });
    if (folders.has(path) && size !== 0)
      throw failure('source_invalid', { uri, problem: `the key '${key}' is both a file and a folder` });
    return !folders.has(path);
  });
}

function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

async function missing({ bucket, uri, signal }: Asked, key: string, level: Level): Promise<AppError> {
  const near = nearest(key, level) ?? (await nearParent(bucket, key, signal).catch(() => undefined));
  signal.throwIfAborted();
  const remedy = near === undefined ? undefined : bucket.uriOf(near);
  return failure('source_missing', { uri, problem: 'nothing lies there', remedy });
}

async function nearParent(bucket: Bucket, key: string, signal: AbortSignal): Promise<string | undefined> {
  return nearest(key, await bucket.level(key.slice(0, key.lastIndexOf('/') + 1), signal));
}

function nearest(key: string, { entries, folders }: Level): string | undefined {
  const keys = [...folders.map(name => name.slice(0, -1)), ...entries.map(entry => entry.key)].filter(
    Boolean,
  );
  return suggest(key, keys) ?? keys.find(one => one.startsWith(key));
}
