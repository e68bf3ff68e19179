import { readdir, realpath } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { type AppError, failure, messageOf } from '#base';
import type { PvcReference } from '../uri/reference.ts';

/**
 * Where what a `pvc://` names lies on this machine: below the mount of its claim, which `FAIRLEAD_VOLUMES` names as
 * `claim=/path,other=/path`, and is `/mnt/pvc/<claim>` otherwise. Throws `source_missing` where the claim is not mounted or
 * nothing lies there, `source_refused` where a link leads out of the volume, `source_unavailable` where it cannot be read.
 */
export async function localRoot(
  reference: PvcReference,
  uri: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const mount = mountOf(reference.claim, environment);
  const volume = await realpath(mount).catch(error =>
    Promise.reject(notMounted(reference, uri, mount, error)),
  );
  const root = resolve(volume, reference.path);
  await refuseLinksOut(root, volume, uri);
  return resolve(mount, reference.path);
}

function mountOf(claim: string, environment: Readonly<Record<string, string | undefined>>): string {
  const entries = (environment['FAIRLEAD_VOLUMES'] ?? '')
    .split(',')
    .map(entry => entry.trim().split(/=(.*)/s));
  const named = entries.find(([name]) => name === claim)?.[1];
  return named === undefined || named === '' ? `/mnt/pvc/${claim}` : resolve(named);
}

function notMounted(
  { claim }: PvcReference,
  uri: string,
  mount: string,
  error: NodeJS.ErrnoException,
): AppError {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return unreadable(uri, error);
  const problem =
    `the claim '${claim}' is not mounted at ${mount}; in a pod give its volume a mountPath there, ` +
    `elsewhere set FAIRLEAD_VOLUMES=${claim}=/where/it/is`;
  return failure('source_missing', { uri, problem }, error);
}

function unreadable(uri: string, error: NodeJS.ErrnoException, path?: string): AppError {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR')
    return failure(
      'source_unavailable',
      { uri, problem: `its volume cannot be read: ${messageOf(error)}` },
      error,
    );
  return failure(
    'source_missing',
    { uri, problem: `nothing lies at ${path ?? 'its path'} in the volume` },
    error,
  );
}

/**
 * What many write to must not make one of them read what only this machine may. All links are looked at, those of folders that
 * links lead to as well, each folder once.
 */
async function refuseLinksOut(root: string, volume: string, uri: string): Promise<void> {
  const seen = new Set<string>();
  const waiting = [root];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const found = await targetOf(path, path === root, uri);
    if (found === undefined || seen.has(found)) continue;
    if (!isWithin(found, volume)) throw leadsOut(uri, path.slice(volume.length + 1));
    seen.add(found);
    waiting.push(...(await entriesOf(found)));
  }
}

/** Where a path leads in the end; undefined for a dead link within, which nobody can read. */
async function targetOf(path: string, isRoot: boolean, uri: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error: unknown) {
    if (isRoot) throw unreadable(uri, error as NodeJS.ErrnoException, path);
    return undefined;
  }
}

/** The folders and links of a folder; files cannot lead anywhere. */
async function entriesOf(path: string): Promise<string[]> {
  // What is no folder holds nothing, and of what may not be read nothing is read later either.
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(entry => entry.isSymbolicLink() || entry.isDirectory())
    .map(entry => join(path, entry.name));
}

function isWithin(path: string, volume: string): boolean {
  return path === volume || path.startsWith(volume.endsWith(sep) ? volume : `${volume}${sep}`);
}

function leadsOut(uri: string, path: string): AppError {
  const problem = `the link ${path} leads out of the volume`;
  return failure('source_refused', {
    uri,
    problem,
    remedy: 'put a copy in its place, or let it lead to a path in the volume',
  });
}
