import type { Descriptor } from '#store';
import type { ImageName } from './image-name.ts';
import type { Platform } from './platform.ts';
import type { Package } from './recipe.ts';

/** An image that others are built on, for one platform, pinned. */
export interface BaseImage {
  /** With the digest of what its tag stood for: an index, or a manifest. */
  readonly name: ImageName;
  readonly platform: Platform;
  /** Of the manifest for the platform. */
  readonly digest: string;
  /** As it lies in the registry. */
  readonly config: ImageConfig;
  /** Lowest first. Media types as the base has them: of Docker's, the OCI's of the same shape. */
  readonly layers: readonly BaseLayer[];
  readonly contents: BaseContents;
}

export interface BaseLayer {
  readonly descriptor: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;
  readonly diffId: string;
}

/** As far as it is read: OCI image specification, "Image Configuration". Whatever else it holds is kept. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly config?: Readonly<{
    User?: string;
    Env?: readonly string[];
    Entrypoint?: readonly string[] | null;
    Cmd?: readonly string[] | null;
    WorkingDir?: string;
    Labels?: Readonly<Record<string, string>> | null;
    ExposedPorts?: Readonly<Record<string, object>>;
    StopSignal?: string;
  }>;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  readonly history?: readonly Readonly<Record<string, unknown>>[];
}

/** What is in an image, all its layers over one another. */
export interface BaseContents {
  /** By path, without a slash before it. Links are not followed. */
  readonly files: ReadonlyMap<string, BaseFile>;
  /** What package managers say that they installed, by kind and name. */
  readonly packages: readonly Package[];
  /** Bytes of the files of each layer, lowest first, those that a later one hides among them; undefined where nobody counted. */
  readonly layerBytes?: readonly number[];
  /** `ID` and `VERSION_ID` of `/etc/os-release`: `debian` and `12`. */
  readonly system?: { readonly id: string; readonly version: string };
}

export interface BaseFile {
  readonly kind: 'file' | 'folder' | 'link';
  /** Bytes of a file; 0 of a further name of one, whose bytes count once. */
  readonly size: number;
  /** Of a link where it leads, as it is written; of a further name of a file its first one. */
  readonly target?: string;
  /** In which of the layers it lies, from 0. */
  readonly layer: number;
  /** Of which package it is, as `kind:name`, where one says so. */
  readonly owner?: string;
}
