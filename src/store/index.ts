/**
 * Model artifacts: from a URI to a verified file on this machine. It knows nothing of what a model computes. What fetches is
 * loaded when a model is to be fetched, and not before.
 */
import type { Assembling } from './io/assembled.ts';
import type { StoreOptions } from './io/open-store.ts';
import type { RegistryReader } from './registry/port.ts';
import type { SourceOptions } from './source.ts';
import type { Store } from './store.ts';
import type { OciReference } from './uri/reference.ts';

export { isMark } from './archive/whiteout.ts';
export { identityFromPath } from './identity.ts';
export { type Resolved, resolveModel } from './io/local.ts';
export { digestOfPath, filesAtPath, type Known } from './io/local-manifest.ts';
export { modelFiles } from './io/model-files.ts';
export type { StoreOptions } from './io/open-store.ts';
export { explained, meantBy } from './io/unreadable.ts';
export { localPath } from './local-path.ts';
export type { Manifest } from './manifest.ts';
export type { PolicyFile } from './policy/io/load-rules.ts';
export type { Descriptor, Document } from './registry/manifest.ts';
export { parseDocument } from './registry/manifest.ts';
export type { NamedDocument, RegistryReader } from './registry/port.ts';
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
export async function openRegistry(reference: OciReference, options: SourceOptions): Promise<RegistryReader> {
  const { RegistryClient } = await import('./io/registry/client.ts');
  return new RegistryClient(reference, `oci://${reference.registry}/${reference.repository}`, options);
}
