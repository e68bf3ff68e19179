/** What of a listing is fetched: the parts of the model, of those what is wanted, and of numbered versions the ones asked for. */
import { err, ok, type Result } from '#base';
import { modelFilesOf, SAVED_MODEL } from '#spec';
import { isAsked } from './globs.ts';
import { isVersion } from './identity.ts';
import { isPart, isSignature } from './parts.ts';
import type { Listing, RemoteFile } from './source.ts';
import type { Wanted } from './store.ts';

type Choosing = Pick<Wanted, 'include' | 'exclude' | 'versions'>;

export interface Choice {
  readonly files: readonly RemoteFile[];
  /** Small files beside it that say who made it. */
  readonly signatures: readonly RemoteFile[];
  /** The version folder that is the artifact, where just one of them is fetched. */
  readonly within?: string | undefined;
  /** Whether there are several versions among them. */
  readonly isSeveral: boolean;
}

/** Errors are sentences. */
export function choose({ files, named }: Listing, wanted: Choosing): Result<Choice, string> {
  const paths = files.filter(({ unpack }) => unpack === undefined).map(({ path }) => path);
  const chosen = choosePaths(paths, wanted, named);
  if (!chosen.ok) return chosen;
  const kept = new Set(chosen.value.paths);
  const archives = files.some(({ unpack }) => unpack !== undefined);
  const taken = files.filter(({ path, unpack }) => unpack !== undefined || kept.has(path));
  if (taken.length === 0 && !archives) return err(nothingLeft(paths));
  const { within, isSeveral } = chosen.value;
  const signatures = files.filter(({ path, unpack }) => unpack === undefined && isSignature(path));
  return ok({
    files: taken,
    signatures: signatures.filter(({ path }) => isOf(path, within)),
    within,
    isSeveral,
  });
}

export interface ChosenPaths {
  readonly paths: readonly string[];
  readonly within?: string | undefined;
  readonly isSeveral: boolean;
}

/** The same of paths, as an archive brings them. */
export function choosePaths(
  paths: readonly string[],
  wanted: Choosing,
  named?: string,
): Result<ChosenPaths, string> {
  const isWanted = isAsked(wanted);
  const parts = paths.filter(path => path === named || (isPart(path) && isWanted(path)));
  if (parts.length === 0 && paths.length > 0) return err(nothingLeft(paths));
  return named === undefined ? ofVersions(parts, wanted.versions) : ok({ paths: parts, isSeveral: false });
}

export interface ChosenOfArchive extends ChosenPaths {
  /** The folder that all of it lies in, as archives of a folder have it: what is in there is the model. */
  readonly top?: string | undefined;
}

/** Of what came out of archives. */
export function chooseUnpacked(paths: readonly string[], wanted: Choosing): Result<ChosenOfArchive, string> {
  const top = topOf(paths.filter(isPart));
  if (top === undefined) return choosePaths(paths, wanted);
  const below = paths.filter(path => path.startsWith(`${top}/`)).map(path => path.slice(top.length + 1));
  const chosen = choosePaths(below, wanted);
  if (!chosen.ok) return chosen;
  const { within, isSeveral } = chosen.value;
  return ok({
    paths: chosen.value.paths.map(path => `${top}/${path}`),
    within: within === undefined ? top : `${top}/${within}`,
    isSeveral,
    top,
  });
}

/** Undefined also for a version, which is more than a name. */
function topOf(paths: readonly string[]): string | undefined {
  const tops = new Set(
    paths.map(path => (path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined)),
  );
  const [top] = tops;
  return tops.size === 1 && !isVersion(top) ? top : undefined;
}

function nothingLeft(paths: readonly string[]): string {
  return paths.some(isPart)
    ? 'nothing of it is left by include and exclude'
    : 'it holds no file that is part of a model';
}

function ofVersions(paths: readonly string[], versions: Wanted['versions']): Result<ChosenPaths, string> {
  const found = versionsAmong(paths);
  if (found.length === 0) return ok({ paths, isSeveral: false });
  const missing = versions?.specific?.find(version => !found.includes(version));
  if (missing !== undefined) return err(`version ${missing} is not there, there are ${told(found)}`);
  const kept = wantedOf(found, versions);
  return ok({
    paths: paths.filter(path => kept.some(version => isOf(path, version))),
    within: kept.length === 1 ? kept[0] : undefined,
    isSeveral: kept.length > 1,
  });
}

function wantedOf(found: readonly string[], versions: Wanted['versions']): readonly string[] {
  if (versions?.all !== undefined) return found;
  return versions?.specific ?? found.slice(0, versions?.latest ?? 1);
}

/** The version folders of a folder that is one of versions, highest first; none where it is something else. */
function versionsAmong(paths: readonly string[]): readonly string[] {
  const top = new Set(paths.filter(path => !path.includes('/')));
  if (modelFilesOf([...top]).length > 0 || top.has(SAVED_MODEL) || top.has(TRITON)) return [];
  const folders = new Set(
    paths.filter(path => path.includes('/')).map(path => path.slice(0, path.indexOf('/'))),
  );
  const versions = [...folders].filter(isVersion);
  // A model of a repository may have a number for its name.
  if (versions.some(version => paths.includes(`${version}/${TRITON}`))) return [];
  return versions.toSorted((a, b) => (BigInt(a) < BigInt(b) ? 1 : -1));
}

/** Triton's file of a model, which says itself what versions are served. */
const TRITON = 'config.pbtxt';

function isOf(path: string, folder: string | undefined): boolean {
  return folder === undefined || path.startsWith(`${folder}/`);
}

function told(versions: readonly string[]): string {
  const shown = versions.slice(0, 10).join(', ');
  return versions.length > 10 ? `${shown} and ${versions.length - 10} more` : shown;
}
