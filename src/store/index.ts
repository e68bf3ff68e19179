/**
 * Model artifacts: from a URI to a verified file on this machine. It knows nothing of what a model computes. What fetches is
 * loaded when a model is to be fetched, and not before.
 */
import type { ArchiveEntry } from './archive/entry.ts';
import type { Downloads, DownloadsOptions } from './downloads.ts';
import type { LayerToRead } from './io/archive/layer-entries.ts';
import type { Assembling } from './io/assembled.ts';
import type { StoreOptions } from './io/open-store.ts';
import type { PolicyFile } from './policy/io/load-rules.ts';
import type { Registry } from './registry/port.ts';
import type { SourceOptions } from './source.ts';
import type { Store, Wanted } from './store.ts';
import type { OciReference } from './uri/reference.ts';

export type { ArchiveEntry } from './archive/entry.ts';
export { type Pax, parsePax } from './archive/pax.ts';
export { parseTarHeader, type TarHeader } from './archive/tar-header.ts';
export { isMark } from './archive/whiteout.ts';
export type { Downloads } from './downloads.ts';
export { identityFromPath } from './identity.ts';
export type { LayerToRead } from './io/archive/layer-entries.ts';
export { type Lock, lockExclusive } from './io/cache/locks.ts';
export { type Resolved, resolveModel } from './io/local.ts';
export { digestOfParts, digestOfPath, filesAtPath, type Known, type PartAt } from './io/local-manifest.ts';
export { modelFiles } from './io/model-files.ts';
export type { StoreOptions } from './io/open-store.ts';
export { isWorthAnother, pauseAfter, tried } from './io/trying.ts';
export { explained, meantBy } from './io/unreadable.ts';
export { localPath } from './local-path.ts';
export type { Manifest } from './manifest.ts';
export type { PolicyFile } from './policy/io/load-rules.ts';
export type { Descriptor, Document } from './registry/manifest.ts';
export { parseDocument } from './registry/manifest.ts';
export type {
  BlobToUpload,
  NamedDocument,
  Referrer,
  Registry,
  RegistryReader,
} from './registry/port.ts';
export { isSafePath, type SourceOptions } from './source.ts';
export type { Admission, Asking, Cached, Damage, Held, Progress, Store, Wanted } from './store.ts';
export { parseReference } from './uri/parse.ts';
export { redacted } from './uri/redact.ts';
export type { OciReference } from './uri/reference.ts';

/** A store over a folder of this machine, with everything that it is made of; see `io/assembled.ts`. */
export async function openStore(options: StoreOptions, assembling: Assembling): Promise<Store> {
  return (await import('./io/assembled.ts')).assembleStore(options, assembling);
}

/** One repository of a registry, by what `docker login` and `podman login` left, or as nobody. */
export async function openRegistry(reference: OciReference, options: SourceOptions): Promise<Registry> {
  const { RegistryWriter } = await import('./io/registry/writer.ts');
  return new RegistryWriter(reference, `oci://${reference.registry}/${reference.repository}`, options);
}

/** What an image's layer holds, as it is written there; see `io/archive/layer-entries.ts`. */
export async function* layerEntries(layer: LayerToRead): AsyncGenerator<ArchiveEntry> {
  yield* (await import('./io/archive/layer-entries.ts')).layerEntries(layer);
}

/** Pages and files of the web. */
export async function openDownloads(options: DownloadsOptions): Promise<Downloads> {
  const { HttpDownloads } = await import('./io/downloads.ts');
  return new HttpDownloads(options);
}

/** Unpacks a zip file into a folder that nobody else writes to; see `io/archive/unpack.ts`. Answers which files may be run. */
export async function unpackZip(
  archive: string,
  into: string,
  options: { called: string; signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const { unpack } = await import('./io/archive/unpack.ts');
  const programs = new Set<string>();
  const onProgram = (path: string): void => void programs.add(path);
  await unpack(archive, into, { ...options, unpacking: { format: 'zip' }, limits: UNPACK_LIMITS, onProgram });
  return programs;
}

/** The largest packages have 10 GB and 50 000 files. */
const UNPACK_LIMITS = { bytes: 64 * 2 ** 30, files: 200_000, ratio: 1000 };

/** Refuses what a policy does not let in already by its URI; see `policy/io/named.ts`. */
export async function checkNamed(policy: PolicyFile, wanted: Wanted): Promise<void> {
  await (await import('./policy/io/named.ts')).checkNamed(policy, wanted);
}
