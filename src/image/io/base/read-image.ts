import { failure } from '#base';
import { type Descriptor, type Document, parseDocument, type RegistryReader, tried } from '#store';
import type { BaseLayer, ImageConfig } from '../../base-image.ts';
import { type ImageName, imageText } from '../../image-name.ts';
import { manifestFor, notFor } from '../../oci/choose-manifest.ts';
import { isImageConfig, layerType } from '../../oci/media-types.ts';
import { readConfig } from '../../oci/read-config.ts';
import { architectureOf, type Platform } from '../../platform.ts';
import { once } from '../writing.ts';
import { ATTEMPTS, type Fetching, fetchBlob } from './fetch-blob.ts';

/** What registries take at most: OCI distribution specification, "Pushing manifests". */
const MOST_DOCUMENT = 4 * 1024 * 1024;

/** The image of one platform, without a look into its layers. */
export interface RegistryImage {
  readonly name: ImageName;
  /** Of its manifest. */
  readonly digest: string;
  readonly config: ImageConfig;
  readonly layers: readonly BaseLayer[];
}

type Manifest = Extract<Document, { kind: 'manifest' }>;

/** The documents of an image. Throws `base_unusable`, or what the registry does. */
export async function readImage(
  name: ImageName,
  platform: Platform,
  fetching: Fetching,
): Promise<RegistryImage> {
  const { pinned, digest, manifest } = await manifestOf(name, platform, fetching);
  const config = await configOf(manifest, pinned, fetching);
  const { os, architecture, variant } = config;
  if (os !== 'linux' || architecture !== architectureOf(platform)) {
    const own = [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');
    throw unusable(pinned, notFor([own], platform));
  }
  return { name: pinned, digest, config, layers: layersOf(manifest, config, pinned) };
}

async function manifestOf(
  name: ImageName,
  platform: Platform,
  fetching: Fetching,
): Promise<{ pinned: ImageName; digest: string; manifest: Manifest }> {
  const reader = await fetching.open(name);
  try {
    const top = await documentAt(name.digest ?? name.tag ?? 'latest', reader, fetching);
    const pinned = { ...name, digest: top.digest };
    if (top.document.kind === 'manifest') return { pinned, digest: top.digest, manifest: top.document };
    const chosen = manifestFor(top.document.manifests, platform);
    if (!chosen.ok) throw unusable(pinned, chosen.error);
    const { document, digest } = await documentAt(chosen.value.digest, reader, fetching);
    if (document.kind === 'index') throw unusable(pinned, `what it has for ${platform} is one more index`);
    return { pinned, digest, manifest: document };
  } finally {
    reader.close();
  }
}

/** What has a digest is asked for once, and then kept: so that a pinned base needs no network. */
async function documentAt(
  at: string,
  reader: RegistryReader,
  { cache, random, signal }: Fetching,
): Promise<{ document: Document; digest: string }> {
  const kept = at.includes(':') ? await cache.read(at, MOST_DOCUMENT) : undefined;
  const known = kept === undefined ? undefined : parseDocument(kept, undefined);
  if (known?.ok === true) return { document: known.value, digest: at };
  const found = await tried(() => reader.manifest(at, signal), { attempts: ATTEMPTS, random, signal });
  await cache.put(once(found.bytes));
  return found;
}

async function configOf({ config }: Manifest, name: ImageName, fetching: Fetching): Promise<ImageConfig> {
  if (!isImageConfig(config.mediaType)) throw unusable(name, `it is no image, but ${config.mediaType}`);
  if (config.size > MOST_DOCUMENT) throw unusable(name, 'its configuration has more than 4 MiB');
  const { cache } = fetching;
  const kept = (): Promise<Uint8Array | undefined> => cache.read(config.digest, MOST_DOCUMENT);
  let bytes = await kept();
  if (bytes === undefined) {
    await fetchBlob(config, name, fetching);
    bytes = await kept();
  }
  const read = readConfig(bytes ?? new Uint8Array(0));
  if (!read.ok) throw unusable(name, read.error);
  return read.value;
}

function layersOf({ layers }: Manifest, { rootfs }: ImageConfig, name: ImageName): readonly BaseLayer[] {
  if (layers.length !== rootfs.diff_ids.length)
    throw unusable(
      name,
      `it has ${layers.length} layers, and its configuration names ${rootfs.diff_ids.length}`,
    );
  return layers.map((layer, at) => ({
    descriptor: described(layer, name),
    diffId: rootfs.diff_ids[at] as string,
  }));
}

function described({ mediaType, digest, size }: Descriptor, name: ImageName): BaseLayer['descriptor'] {
  const type = layerType(mediaType);
  if (!type.ok) throw unusable(name, type.error);
  return { mediaType: type.value, digest, size };
}

export function unusable(name: ImageName, problem: string): Error {
  return failure('base_unusable', { base: imageText(name), problem });
}
