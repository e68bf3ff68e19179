/** An image as a registry or a layout on a disk holds it: documents that name one another, and blobs. */

/** A manifest or an index. */
export interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
  /** Of what it says something, where it is attached to that: OCI image specification 1.1, `subject`. */
  readonly subject?: string;
  /** Of what is attached. */
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Bytes by their digest: a layer, a configuration, or what is attached. */
export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  /** Its bytes, from `start` on, as often as they are asked for. They are read anew each time, and are not checked here. */
  open(start: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** A registry that has it already, and its repository there. */
  readonly origin?: { readonly registry: string; readonly repository: string };
}

export interface Content {
  /** What a tag is to point at: the manifest of one platform, or an index of several. */
  readonly top: Described;
  /** All documents but the top, each before those that name it: manifests of platforms, then what is attached. */
  readonly documents: readonly Described[];
  /** Each digest once. */
  readonly blobs: readonly Blob[];
}
