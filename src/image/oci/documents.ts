import { createHash } from 'node:crypto';
import type { Blob, Described } from '../content.ts';
import { jsonBytes } from './json.ts';
import { EMPTY, INDEX, MANIFEST } from './media-types.ts';

/** How one document points at another, or at a blob: OCI image specification, "Content Descriptors". */
export interface Pointer {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Points at a manifest in an index. */
export interface PlatformPointer extends Pointer {
  readonly platform: { readonly architecture: string; readonly os: string; readonly variant?: string };
}

type Annotations = Readonly<Record<string, string>>;

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A small blob, as it is in memory. */
export function blobOf(mediaType: string, bytes: Uint8Array): Blob {
  return {
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
    async *open(start) {
      yield bytes.subarray(start);
    },
  };
}

export function pointerTo({ mediaType, digest, bytes }: Described): Pointer {
  return { mediaType, digest, size: bytes.length };
}

/** OCI image specification, "Image Manifest". */
export function manifestOf(config: Pointer, layers: readonly Pointer[], annotations: Annotations): Described {
  return documentOf({ mediaType: MANIFEST, config: bare(config), layers, annotations });
}

/** OCI image specification, "Image Index". */
export function indexOf(manifests: readonly PlatformPointer[], annotations: Annotations): Described {
  return documentOf({ mediaType: INDEX, manifests, annotations });
}

/** What artifacts have for a configuration. */
export const emptyConfig = blobOf(EMPTY, Buffer.from('{}'));

/** What is attached to a manifest: one blob whose type says what it is. OCI image specification, "Guidelines for Artifact Usage". */
export function artifactOf(blob: Pointer, subject: Described, annotations: Annotations): Described {
  const artifactType = blob.mediaType;
  const document = documentOf({
    mediaType: MANIFEST,
    artifactType,
    config: bare(emptyConfig),
    layers: [bare(blob)],
    subject: pointerTo(subject),
    annotations,
  });
  return { ...document, artifactType, subject: subject.digest };
}

interface DocumentValue extends Readonly<Record<string, unknown>> {
  readonly mediaType: string;
  readonly annotations: Annotations;
}

function documentOf(value: DocumentValue): Described {
  const bytes = jsonBytes({ schemaVersion: 2, ...value });
  const { mediaType, annotations } = value;
  return { mediaType, digest: digestOf(bytes), bytes, annotations };
}

/** Of a blob, only what points at it. */
function bare({ mediaType, digest, size }: Pointer): Pointer {
  return { mediaType, digest, size };
}
