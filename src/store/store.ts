/** What the rest of the house asks of the store. `io/open-store.ts` makes one. */
import type { Manifest } from './manifest.ts';
import type { RemoteFile } from './source.ts';
import type { Reference } from './uri/reference.ts';

/** A model that is asked for. */
export interface Wanted {
  readonly uri: string;
  /** Where a relative path starts. */
  readonly base: string;
  /** `sha256:…` of the artifact; what is not that is not let in. */
  readonly digest?: string | undefined;
  /** Globs over paths in the artifact; without `include` all, and `exclude` wins. Not for paths of this machine. */
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  /** Of a folder of numbered versions, those that are fetched: as `versions` of a file says it; the highest without. */
  readonly versions?: { latest?: number; all?: object; specific?: readonly string[] } | undefined;
  /** Files that run code when they are loaded are let in. */
  readonly allowUnsafeFormats?: boolean;
}

/** A model that lies on this machine, whole and verified, and stays there until it is let go. */
export interface Held {
  readonly uri: string;
  /** The file or folder to read, as an absolute path: the URI's own for a path, otherwise one in the cache. */
  readonly root: string;
  /** A path that tells its name and version as `identityFromPath` reads them: `root` does not, in the cache. */
  readonly spoken: string;
  /** Of what came through the cache, or was pinned; of a path that is not pinned nothing is read through. */
  readonly digest?: string;
  readonly manifest?: Manifest;
  /** What a branch or tag stood for. */
  readonly revision?: string;
  /** Bytes that came over the network for this; 0 where all was there. */
  readonly fetched: number;
  /** From now on it may be pruned. Happens by itself when the process ends, however it ends. */
  release(): void;
}

/** One artifact of the cache. */
export interface Cached {
  readonly digest: string;
  readonly root: string;
  readonly bytes: number;
  readonly files: number;
  /** URIs that led to it, the last first. */
  readonly uris: readonly string[];
  /** Milliseconds since 1970 of its last use. */
  readonly usedAt: number;
  readonly inUse: boolean;
}

/** How far a pull is: told often; whoever shows it decides how often that is. */
export interface Progress {
  readonly uri: string;
  /** `waiting` for another process that fetches the same. */
  readonly phase: 'listing' | 'waiting' | 'fetching' | 'unpacking' | 'verifying' | 'done';
  readonly files: number;
  /** Bytes of all files; undefined until it is known. */
  readonly total: number | undefined;
  /** Bytes that are there, of which `reused` were so before. */
  readonly done: number;
  readonly reused: number;
}

export interface Asking {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** What is damaged in the cache is fetched anew; without, it is refused. */
  readonly repair?: boolean | undefined;
}

/** A fault that `verify` found in the cache. */
export interface Damage {
  readonly digest: string;
  /** Undefined where the entry as a whole cannot be read. */
  readonly file?: string;
  readonly expected?: string;
  /** Undefined for a file that is not there. */
  readonly found?: string;
}

export interface Store {
  /**
   * Brings a model here, or finds that it is, verified through and through. Throws the errors of `store-errors.ts`,
   * `file_missing`, `file_unreadable`, or the signal's reason.
   */
  hold(wanted: Wanted, asking?: Asking): Promise<Held>;
  /** What the cache holds, least lately used last. */
  list(): Promise<readonly Cached[]>;
  /** Reads the cache through, or some of it. */
  verify(digests?: readonly string[], asking?: Asking): Promise<readonly Damage[]>;
  /** Removes what nobody uses until at most so many bytes are left (0: all of it), and what broken pulls left behind. */
  prune(mostBytes: number, asking?: Asking): Promise<readonly Cached[]>;
}

/** Who decides what is let in; `policy/` makes one. Each throws `policy_refused` or `signature_invalid`. */
export interface Admission {
  /**
   * It has to see the files of every model, with their digests: those of this machine are read through too, pinned or not, and
   * `beforeHolding` is called for them.
   */
  readonly seesAll: boolean;
  /** Of its rules, one each: another rule has another mark. */
  readonly marks: readonly string[];
  /** Before anything is asked of a source; of paths of this machine too. */
  beforeListing(wanted: Wanted, reference: Reference): void;
  /** Once it is known what is there, before it is fetched. Signatures are not among the files. */
  beforeFetching(wanted: Wanted, files: readonly Pick<RemoteFile, 'path' | 'size'>[]): void;
  /** Once its bytes are known, before anybody has them; each time that it is held. */
  beforeHolding(wanted: Wanted, artifact: Admissible): Promise<void>;
}

export interface Admissible {
  readonly manifest: Manifest;
  readonly digest: string;
  readonly revision?: string | undefined;
  /** The signatures that lie beside it, as `isSignature` tells them. */
  signatures(): Promise<readonly Signature[]>;
  /** The bytes of one of its files once more, for a signature that is over them and not over their digest. */
  read(path: string): AsyncIterable<Uint8Array>;
}

export interface Signature {
  /** Relative to the artifact, as the paths of its files; `../` never. */
  readonly path: string;
  readonly bytes: Uint8Array;
}
