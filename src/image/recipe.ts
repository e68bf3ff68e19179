import type { ImageName } from './image-name.ts';
import type { LayerEntry } from './layer-entry.ts';
import type { Platform } from './platform.ts';

/**
 * What an image is made of: a base, and over it a layer for each of these that is there, in this order. What changes most often
 * lies on top, so that a new version of a model is one new layer.
 */
export interface Recipe {
  readonly base: ImageName;
  /** An image that Node's program is taken out of, where the base has none; undefined for what needs no Node. */
  readonly node?: ImageName;
  /** Packages of Python, locked: text of a file of requirements with hashes, and what it is called. */
  readonly requirements?: { readonly file: string; readonly text: string };
  /** Native libraries, of one platform each. Throws `image_invalid` where there are none for it. */
  readonly dependencies?: (platform: Platform) => LayerFiles;
  readonly program?: LayerFiles;
  /** What a server of others reads beside its models. */
  readonly settings?: LayerFiles;
  /** One layer each. */
  readonly models: readonly ModelFiles[];
  readonly run: RunConfig;
  /** The port where `/health` answers over plain HTTP, if one does. */
  readonly healthPort?: number;
  /** Beside what is said of every image: keys and values of annotations, which are labels too. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface LayerFiles {
  /** For people: `fairlead 0.1.0`, `onnxruntime-node 1.30.0`. */
  readonly title: string;
  readonly entries: readonly LayerEntry[];
  /** What is in it, for the bill of materials. */
  readonly packages: readonly Package[];
}

/** A version of a model. */
export interface ModelFiles extends LayerFiles {
  readonly name: string;
  readonly version: string;
  /** Of its bytes, as the store has it: what its server is told to verify. */
  readonly digest: string;
}

/** Something with a name and a version that somebody made. */
export interface Package {
  readonly kind: 'deb' | 'apk' | 'npm' | 'pypi' | 'generic' | 'model';
  readonly name: string;
  readonly version: string;
  /** As SPDX writes licences; undefined where it is not told. */
  readonly licence?: string | undefined;
  /** 64 hex digits, of the file that it came as. */
  readonly sha256?: string | undefined;
  /** Bytes of its files in the image, unpacked; undefined where nobody counted. */
  readonly bytes?: number | undefined;
  /** Of debs: the machine that it is for. */
  readonly architecture?: string | undefined;
  /** Of what a system installed: what it was built from, where that has another name or version: what its flaws are filed by. */
  readonly source?: { readonly name: string; readonly version: string } | undefined;
  /** Who answers for it, as it says itself: a name, with an address in angle brackets or without. */
  readonly supplier?: string | undefined;
}

/** What runs, and how: OCI image specification, "Image Configuration", `config`. */
export interface RunConfig {
  /** The server itself, never a shell that stays before it: it is process 1, and is told to stop. Without one, the base's and its `cmd`. */
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** Where it starts; where the base says without. */
  readonly folder?: string;
  /** Beside those of the base. */
  readonly env: Readonly<Record<string, string>>;
  /** Of TCP. */
  readonly ports: readonly number[];
  /** A number, which Kubernetes can tell from root. */
  readonly user: string;
  readonly stopSignal: string;
}
