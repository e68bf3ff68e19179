import type { Descriptor } from '../../registry/manifest.ts';
import type { RemoteFile } from '../../source.ts';
import type { RegistryClient } from '../registry/client.ts';

/** Signatures of Sigstore, as cosign 3 and others attach them. */
const BUNDLE = /^application\/vnd\.dev\.sigstore\.bundle\.v0\.\d+\+json$/;
/** More than anybody has signed it; each costs a request. */
const MOST_BUNDLES = 32;
/** A bundle is some kilobytes. */
const MOST_BUNDLE = 4 * 1024 * 1024;

/** The Sigstore bundles that refer to any of these digests, as files beside the model. */
export async function bundlesOf(
  registry: RegistryClient,
  digests: readonly string[],
  signal: AbortSignal,
): Promise<RemoteFile[]> {
  const found = new Map<string, RemoteFile>();
  for (const digest of digests) {
    const referring = await registry.referrers(digest, signal);
    for (const one of referring.filter(isBundle).slice(0, MOST_BUNDLES))
      for (const layer of await layersOf(registry, one, signal)) found.set(layer.digest, fileOf(layer));
  }
  return [...found.values()];
}

function isBundle({ artifactType, mediaType }: Descriptor): boolean {
  return BUNDLE.test(artifactType ?? mediaType);
}

async function layersOf(
  registry: RegistryClient,
  { digest }: Descriptor,
  signal: AbortSignal,
): Promise<Descriptor[]> {
  const { document } = await registry.manifest(digest, signal);
  const layers = document.kind === 'manifest' ? document.layers : [];
  return layers.filter(({ mediaType, size }) => BUNDLE.test(mediaType) && size <= MOST_BUNDLE);
}

function fileOf({ digest, size }: Descriptor): RemoteFile {
  const hex = digest.slice('sha256:'.length);
  const checksum = { algorithm: 'sha256', hex } as const;
  return { path: `sha256-${hex}.sigstore.json`, key: digest, size, token: digest, checksum };
}
