import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseDocument } from '#store';
import type { Blob, Content } from '../../content.ts';
import type { ImageName } from '../../image-name.ts';
import { blobOf } from '../../oci/documents.ts';
import {
  blobPath,
  dockerManifestBytes,
  INDEX_FILE,
  indexBytes,
  LAYOUT_FILE,
  layoutBytes,
} from '../../oci/layout.ts';
import { planTar, type TarItem } from '../../tar/plan.ts';
import { readSegments } from '../segments.ts';
import { writeWhole, writing } from '../writing.ts';
import { checkedBytes, teller } from './checked.ts';
import type { WriteOptions } from './write-layout.ts';

/** What Docker looks for in an archive. */
const DOCKER_FILE = 'manifest.json';

/**
 * Writes an image as one tar file, the same bytes for the same image: an OCI layout, which for one platform is also what
 * `docker load` reads. Throws as `writeLayout` does; a file that was there stays then.
 */
export async function writeArchive(content: Content, file: string, options: WriteOptions): Promise<void> {
  const items = itemsOf(content, options.name);
  const plan = planTar(items, 0);
  // Names of digests and three fixed ones.
  if (!plan.ok) throw new Error(`${plan.error.path} ${plan.error.problem}`);
  const total = items.reduce((sum, one) => sum + (one.kind === 'file' ? one.size : 0), 0);
  const onBytes = teller('write the archive', total, options);
  const bytes = readSegments(plan.value, 0, blob => checkedBytes(blob, options.signal, onBytes));
  const made = await writing(file, () => mkdir(dirname(file), { recursive: true }));
  try {
    await writeWhole(file, bytes);
  } catch (error: unknown) {
    if (made !== undefined) await rm(made, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
}

function itemsOf(content: Content, name: ImageName | undefined): readonly TarItem<Blob>[] {
  const { top, documents, blobs } = content;
  const stored = [...blobs, ...[...documents, top].map(one => blobOf(one.mediaType, one.bytes))];
  const docker = dockerManifestOf(content, name);
  return [
    item(LAYOUT_FILE, blobOf('', layoutBytes)),
    item(INDEX_FILE, blobOf('', indexBytes([], content, name))),
    ...(docker === undefined ? [] : [item(DOCKER_FILE, blobOf('', docker))]),
    ...stored.map(blob => item(blobPath(blob.digest), blob)),
  ];
}

function item(path: string, body: Blob): TarItem<Blob> {
  return { kind: 'file', path, size: body.size, body };
}

/** Undefined for an index, which Docker's form cannot tell. */
function dockerManifestOf({ top }: Content, name: ImageName | undefined): Uint8Array | undefined {
  const document = parseDocument(top.bytes, top.mediaType);
  if (!document.ok || document.value.kind === 'index') return undefined;
  const { config, layers } = document.value;
  return dockerManifestBytes({ config: config.digest, layers: layers.map(({ digest }) => digest) }, name);
}
