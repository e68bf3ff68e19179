/** A model URI, read: what scheme, and where. Nothing is looked at; whether it is there, its source says. */
export type Reference =
  | FileReference
  | PvcReference
  | S3Reference
  | GsReference
  | AzReference
  | OciReference
  | HfReference
  | HttpReference;

/** A path of this machine as it was written, perhaps relative. */
export interface FileReference {
  readonly scheme: 'file';
  readonly path: string;
}

/** `pvc://claim/path`: a volume of Kubernetes, mounted here. */
export interface PvcReference {
  readonly scheme: 'pvc';
  readonly claim: string;
  /** Below the mount; empty for all of it. */
  readonly path: string;
}

/** `s3://bucket/key?endpoint=…`: an object, or all that lies below a key as below a folder. Keys stand as they are. */
export interface S3Reference {
  readonly scheme: 's3';
  readonly bucket: string;
  /** Without slashes at either end; empty for the whole bucket. */
  readonly key: string;
  readonly options: Readonly<{
    endpoint?: string;
    region?: string;
    profile?: string;
    addressing?: 'path' | 'virtual';
    anonymous?: boolean;
  }>;
}

/** `gs://bucket/object?endpoint=…`. */
export interface GsReference {
  readonly scheme: 'gs';
  readonly bucket: string;
  readonly key: string;
  readonly options: Readonly<{ endpoint?: string; anonymous?: boolean }>;
}

/**
 * `az://container/blob`, whose account the environment names, `az://container@account/blob`, or the blob's own URL:
 * `https://account.blob.core.windows.net/container/blob`, and those of `*.blob.storage.azure.net`.
 */
export interface AzReference {
  readonly scheme: 'az';
  /** The service's address, where the URI names it. */
  readonly endpoint?: string;
  readonly account?: string;
  readonly container: string;
  readonly key: string;
  /** A shared access signature that stood in the URL, without `?`: a secret. */
  readonly sas?: string;
  readonly options: Readonly<{ anonymous?: boolean }>;
}

/** `oci://registry/repository:tag` or `…@sha256:…`: an image, an ORAS artifact, a modelcar, or a ModelPack. */
export interface OciReference {
  readonly scheme: 'oci';
  /** Host, and port where it has one. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly options: Readonly<{ insecure?: boolean }>;
}

/** `hf://owner/repo[/path][@revision]`. */
export interface HfReference {
  readonly scheme: 'hf';
  readonly owner: string;
  readonly repo: string;
  /** A branch, tag or commit; undefined for `main`. */
  readonly revision?: string;
  /** A file or folder of the repository; empty for all of it. */
  readonly path: string;
}

/** One file, or an archive. Plain `http:` is let through to this machine only, or where a digest is pinned. */
export interface HttpReference {
  readonly scheme: 'https';
  readonly url: string;
}

/** A part of a URI is wrong. `remedy` says what would be right, where that can be told. */
export interface UriProblem {
  readonly uri: string;
  readonly problem: string;
  readonly remedy?: string | undefined;
}
