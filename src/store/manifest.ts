import { createHash } from 'node:crypto';

/** What an artifact is: its files, each pinned. */
export interface Manifest {
  /** Sorted by path (by code unit), each path once; never empty. */
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  /** Relative, as `isSafePath` has it. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/**
 * The digest of an artifact: `sha256:` and 64 hex digits. One file's is that of its bytes, whatever it is called; of several it
 * is that of the JSON text `[[path, size, sha256], …]`. It is what `digest` of a service file pins, and what a server tells.
 */
export function digestOf({ files }: Manifest): string {
  const [first, second] = files;
  if (first !== undefined && second === undefined) return `sha256:${first.sha256}`;
  const list = files.map(({ path, size, sha256 }) => [path, size, sha256]);
  return `sha256:${createHash('sha256').update(JSON.stringify(list)).digest('hex')}`;
}

/** What lies in a folder of an artifact, as an artifact of its own; undefined where nothing does. */
export function folderOf({ files }: Manifest, folder: string): Manifest | undefined {
  const within = files
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .map(file => ({ ...file, path: file.path.slice(folder.length + 1) }));
  return within.length === 0 ? undefined : { files: within };
}
