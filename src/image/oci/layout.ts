/** What lies beside the blobs of an image on a disk: OCI image specification, "Image Layout", and what `docker load` wants. */
import { z } from 'zod';
import { err, ok, type Result } from '#base';
import type { Content, Described } from '../content.ts';
import { type ImageName, imageText } from '../image-name.ts';
import { pointerTo } from './documents.ts';
import { jsonBytes } from './json.ts';
import { INDEX } from './media-types.ts';

export const LAYOUT_FILE = 'oci-layout';
export const INDEX_FILE = 'index.json';
export const layoutBytes = jsonBytes({ imageLayoutVersion: '1.0.0' });

const REF_NAME = 'org.opencontainers.image.ref.name';
/** As containerd, and Docker over it, know the whole name. */
const CONTAINERD_NAME = 'io.containerd.image.name';

const entry = z.looseObject({
  mediaType: z.string().max(255),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is no SHA-256 digest'),
  size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  artifactType: z.string().optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const index = z.looseObject({ schemaVersion: z.literal(2), manifests: z.array(entry) });

/** One line of `index.json`. */
export type LayoutEntry = z.infer<typeof entry>;

/** Where a blob lies in a layout. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

export function tagOf({ annotations = {} }: LayoutEntry): string | undefined {
  return annotations[REF_NAME];
}

export function readIndex(bytes: Uint8Array): Result<readonly LayoutEntry[], string> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return err('its index.json is no JSON');
  }
  const read = index.safeParse(value);
  if (read.success) return ok(read.data.manifests);
  const [issue] = read.error.issues;
  return err(`its index.json is broken at ${issue?.path.join('.') || 'its top'}: ${issue?.message ?? ''}`);
}

/**
 * The index of a layout with an image in it, beside what was there: a tag that another image had is this one's now. What is
 * attached is named too, as readers of layouts look for it there.
 */
export function indexBytes(there: readonly LayoutEntry[], content: Content, name?: ImageName): Uint8Array {
  const own = [topEntry(content.top, name), ...content.documents.filter(isAttached).map(entryOf)];
  const isReplaced = (old: LayoutEntry): boolean =>
    own.some(one => tagOf(one) === tagOf(old) && (tagOf(one) !== undefined || one.digest === old.digest));
  return jsonBytes({
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [...there.filter(old => !isReplaced(old)), ...own],
  });
}

function isAttached({ subject }: Described): boolean {
  return subject !== undefined;
}

function topEntry(top: Described, name: ImageName | undefined): LayoutEntry {
  if (name?.tag === undefined) return entryOf(top);
  return { ...entryOf(top), annotations: { [REF_NAME]: name.tag, [CONTAINERD_NAME]: nameText(name) } };
}

function entryOf(document: Described): LayoutEntry {
  const { artifactType } = document;
  return { ...pointerTo(document), ...(artifactType !== undefined && { artifactType }) };
}

/** Without a digest: what is written has its own. */
function nameText({ registry, repository, tag }: ImageName): string {
  return imageText({ registry, repository, ...(tag !== undefined && { tag }) });
}

/** The `manifest.json` of `docker save`, which tells one platform's image by paths. */
export function dockerManifestBytes(
  image: { readonly config: string; readonly layers: readonly string[] },
  name?: ImageName,
): Uint8Array {
  const entries = {
    Config: blobPath(image.config),
    RepoTags: name?.tag === undefined ? null : [nameText(name)],
    Layers: image.layers.map(blobPath),
  };
  return jsonBytes([entries]);
}
