import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { failure } from '#base';
import { artifactOf } from '../cache/entry.ts';
import { placeOf } from '../cache/layout.ts';
import type { Trail } from '../cache/trail.ts';
import { digestOf, folderOf, type Manifest } from '../manifest.ts';
import { spokenOf } from '../spoken.ts';
import type { Held, Signature, Wanted } from '../store.ts';
import { parseReference } from '../uri/parse.ts';
import { admissible, type Lying } from './admissible.ts';
import { type Asked, mismatch, UNKNOWN } from './asked.ts';
import { type Leased, rootOf } from './cache/cache.ts';
import { damageOf } from './cache/checking.ts';
import { artifactAt, folderOfParts, type LocalArtifact, manifestOfParts } from './local-manifest.ts';
import { pinsSeveral } from './pull.ts';
import type { Setting } from './setting.ts';
import { signaturesAmong } from './signatures.ts';
import { explained } from './unreadable.ts';

/** A model that is used where it lies. It is read through only where it is pinned. */
export async function holdLocal({ admission }: Setting, asked: Asked, path: string): Promise<Held> {
  const { wanted, uri, tell } = asked;
  const artifact = await artifactAt(path, wanted.versions).catch(error =>
    Promise.reject(explained(error, wanted.uri, wanted.base)),
  );
  const { parts } = artifact;
  const sizes = await Promise.all(parts.files.map(file => stat(file)));
  const files = parts.files.map((file, at) => ({ path: relative(parts.root, file), size: sizes[at]?.size }));
  admission.beforeFetching(wanted, files);
  const plain = { uri: wanted.uri, root: path, spoken: path, fetched: 0, release: () => {} };
  if (wanted.digest === undefined && !admission.seesAll) return plain;
  if (artifact.isSeveral && wanted.digest !== undefined) throw pinsSeveral(uri);
  const manifest = await readThrough(
    asked,
    artifact,
    files.reduce((sum, { size = 0 }) => sum + size, 0),
  );
  const digest = digestOf(manifest);
  if (wanted.digest !== undefined && digest !== wanted.digest)
    throw mismatch(uri, { file: only(manifest), expected: wanted.digest, found: digest });
  const signatures = (): Promise<readonly Signature[]> => signaturesIn(folderOfParts(parts));
  await admission.beforeHolding(wanted, admissible({ manifest, root: parts.root, signatures }));
  tell({ phase: 'done', ...UNKNOWN, files: files.length });
  return { ...plain, digest, manifest };
}

async function readThrough(
  { signal, tell }: Asked,
  { parts }: LocalArtifact,
  total: number,
): Promise<Manifest> {
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    tell({ phase: 'verifying', files: parts.files.length, total, done, reused: done });
  };
  return manifestOfParts(parts, { signal, onBytes });
}

function only({ files }: Manifest): string | undefined {
  return files.length === 1 ? files[0]?.path : undefined;
}

async function signaturesIn(folder: string): Promise<readonly Signature[]> {
  return signaturesAmong(folder, await readdir(folder));
}

/** A path in the cache, as whoever supervises a server tells it: verified, and kept from being removed. */
export async function holdPublished(setting: Setting, asked: Asked, path: string): Promise<Held | undefined> {
  const { cache, random } = setting;
  const { signal } = asked;
  const place = placeOf(cache.layout, path);
  const leased = place === undefined ? undefined : await cache.lease(place.id, { random, signal });
  if (place === undefined || leased === undefined) return undefined;
  try {
    return await heldThere(setting, asked, { path, leased, place });
  } catch (error: unknown) {
    leased.lease.release();
    throw error;
  }
}

interface There {
  readonly path: string;
  readonly leased: Leased;
  readonly place: NonNullable<ReturnType<typeof placeOf>>;
}

async function heldThere(setting: Setting, asked: Asked, { path, leased, place }: There): Promise<Held> {
  const { cache, admission, clock } = setting;
  const { wanted, uri } = asked;
  await refuseDamage(asked, leased);
  const { root, manifest } = artifactIn(leased, place.within);
  const digest = digestOf(manifest);
  if (wanted.digest !== undefined && wanted.digest !== digest)
    throw mismatch(uri, { file: only(manifest), expected: wanted.digest, found: digest });
  const trails = await cache.trailsTo(place.id);
  const [trail] = trails;
  // What rules let in by its URI is not asked of again, since a path tells neither where it came from nor what was left out of it.
  const wasLetIn = wanted.digest !== undefined && (await cache.wasAdmitted(leased.tree, admission.marks));
  if (!wasLetIn) await admitBy(admission, wanted, { trails, manifest, root });
  void cache.noteUse(leased.tree, clock.date());
  const release = (): void => leased.lease.release();
  const spoken = trail === undefined ? path : spokenIn(trail, leased.entry.within);
  return { uri: trail?.uri ?? wanted.uri, root: path, spoken, digest, manifest, fetched: 0, release };
}

interface Led {
  /** Of the URIs that led there. */
  readonly trails: readonly Trail[];
  readonly manifest: Manifest;
  readonly root: string;
}

/** As if one of its URIs had been asked for; by its path where none is known. Throws what the last of them is refused for. */
async function admitBy(
  admission: Setting['admission'],
  wanted: Wanted,
  { trails, manifest, root }: Led,
): Promise<void> {
  const all = trails.length === 0 ? [undefined] : trails;
  const tried = await Promise.allSettled(
    all.map(async trail => {
      const one = { ...wanted, uri: trail?.uri ?? wanted.uri };
      const reference = parseReference(one.uri);
      if (!reference.ok) throw failure('uri_invalid', reference.error);
      const signatures = async (): Promise<readonly Signature[]> => trail?.signatures ?? [];
      admission.beforeListing(one, reference.value);
      admission.beforeFetching(one, manifest.files);
      await admission.beforeHolding(
        one,
        admissible({ manifest, root, revision: trail?.revision, signatures }),
      );
    }),
  );
  const refused = tried.findLast(({ status }) => status === 'rejected');
  if (refused?.status === 'rejected' && tried.every(({ status }) => status === 'rejected'))
    throw refused.reason;
}

async function refuseDamage({ signal, tell, uri }: Asked, leased: Leased): Promise<void> {
  const onProgress = (progress: object): void => tell({ phase: 'verifying', ...UNKNOWN, ...progress });
  const [damage] = await damageOf(leased, { signal, onProgress });
  if (damage === undefined) return;
  const { file, expected = '', found } = damage;
  throw mismatch(uri, { file, expected, found });
}

/** What the URI tells that led there: its path in the cache says nothing. */
function spokenIn({ uri, named }: Trail, within: string | undefined): string {
  const reference = parseReference(uri);
  return reference.ok ? spokenOf(reference.value, { uri, named, within }) : uri;
}

/** The artifact that a path in a published one names, mostly all of it, and where its paths start. */
function artifactIn({ tree, entry }: Leased, within: string): Pick<Lying, 'manifest' | 'root'> {
  const whole = { manifest: artifactOf(entry), root: rootOf(tree, entry) };
  if (within === '' || within === entry.within) return whole;
  const files = entry.laid.files.filter(({ path }) =>
    [within, `${within}.data`, `${within}_data`].includes(path),
  );
  if (files.length > 0) return { manifest: { files }, root: tree.files };
  const folder = folderOf(entry.laid, within);
  return folder === undefined ? whole : { manifest: folder, root: join(tree.files, within) };
}
