/**
 * Where artifacts come from: the port that each scheme has an adapter for, in `io/sources/`. A source says what is there and
 * hands out bytes; retries, resuming, hashes and files are the transfer's, so that all schemes have the same of them.
 */
import type { Reference } from './uri/reference.ts';

/** One file of an artifact, as it lies at its source now. */
export interface RemoteFile {
  /** Its path in the artifact: relative, `/` between names, as `isSafePath` has it. */
  readonly path: string;
  /** Where its source finds it: a key, a URL, a digest. Nobody else reads it. */
  readonly key: string;
  /** Bytes; undefined where the source says it only with the bytes, which then come in one piece. */
  readonly size: number | undefined;
  /** Another one when the bytes are: an ETag, a generation, a digest. Undefined where the source has none. */
  readonly token: string | undefined;
  /** What the source itself says of the bytes, in lower-case hex; checked where it is there. */
  readonly checksum?: Checksum;
  /** How it becomes files of the artifact; undefined for one that is a file of it. */
  readonly unpack?: Unpacking;
}

export interface Checksum {
  /** `git-sha1` is over `blob <size>\0` and the bytes. */
  readonly algorithm: 'sha256' | 'md5' | 'git-sha1' | 'crc32';
  readonly hex: string;
}

export type ArchiveFormat = 'tar' | 'tar+gzip' | 'tar+zstd' | 'zip';

/** Archives are unpacked in the order of the listing into one folder, a later one over an earlier. */
export interface Unpacking {
  readonly format: ArchiveFormat;
  /** A layer of an image: its `.wh.` entries remove what layers before it brought. */
  readonly isLayer?: boolean;
  /** Only what lies below this folder of the archive is taken, its name left out: `models`. */
  readonly below?: string;
}

/** All that a URI leads to. */
export interface Listing {
  /** Each path once; never empty. Sorted by path, but for archives, which come in the order they are unpacked. */
  readonly files: readonly RemoteFile[];
  /**
   * The URI names this file, and not a folder: the path of it among `files`. Beside it there may be weights under names that
   * belong to it: `<file>.data`, `<file>_data`.
   */
  readonly named?: string;
  /** What a moving name, such as a branch or tag, stood for: a commit or digest. For people, and to find the same again. */
  readonly revision?: string;
}

/** Bytes `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface Source {
  /**
   * What is there now. A folder is cut at `/`: of `m`, never what begins with `m-v2/`. Markers of folders (empty objects whose
   * key ends with `/`) are left out, empty files are not. Throws `source_missing`, `source_refused`, `source_unavailable` or
   * `source_invalid`, or the signal's reason.
   */
  list(signal: AbortSignal): Promise<Listing>;
  /**
   * Bytes of a file that was listed: just those of the range, all of it without one. They are of that very object: where it was
   * replaced, `source_changed` is thrown. Throws what `list` throws, once for each attempt: who asks decides on the next one.
   * A stream that breaks off, or ends before the range does, is the asker's to see. No attempt outlives its signal, and none
   * waits longer than the patience it was opened with for the next byte. A chunk is the asker's until the next one
   * is asked for, whose memory may be the same.
   */
  read(
    file: RemoteFile,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>;
  /** Lets go of its connections. */
  close(): void;
}

/** What sources are opened with. */
export interface SourceOptions {
  /** Milliseconds without a byte until an attempt is given up. */
  readonly patienceMs: number;
  /** Connections at once, at most. */
  readonly connections: number;
  /** What it would otherwise take from `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Certificates of authorities in PEM that are trusted beside those that Node trusts. */
  readonly authorities?: string | undefined;
}

/** Opens the source of a reference. Adapters export one each; a registry in `io/sources.ts` loads them when they are asked for. */
export type OpenSource<R extends Reference = Reference> = (
  reference: R,
  uri: string,
  options: SourceOptions,
) => Promise<Source>;

/** Whether a path may be one of an artifact: relative, no `.`, `..` or empty names, no backslash or NUL, not too long. */
export function isSafePath(path: string): boolean {
  const names = path.split('/');
  const isName = (name: string): boolean =>
    name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= 255;
  return path.length <= MOST_PATH && !/[\0\\]/.test(path) && names.every(isName);
}

/** What is wrong with the paths of a listing, as a sentence: none may lead out, come twice, or be a file and a folder at once. */
export function listingProblem(paths: readonly string[]): string | undefined {
  if (paths.length === 0) return 'it lists no files';
  const unsafe = paths.find(path => !isSafePath(path));
  if (unsafe !== undefined)
    return `it lists ${JSON.stringify(unsafe.slice(0, 200))}, which cannot be the path of a file`;
  const all = new Set(paths);
  if (all.size < paths.length) return 'it lists a file twice';
  const folder = paths.flatMap(foldersOf).find(one => all.has(one));
  return folder === undefined ? undefined : `it lists ${folder} as a file and as a folder`;
}

function foldersOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, at) => names.slice(0, at + 1).join('/'));
}

const MOST_PATH = 1024;
