/** Where things lie in the cache. Another layout is another folder beside it, so that programs of two ages can share one. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

const VERSION_MARK = 'v1';

export interface Layout {
  /** What the user names. */
  readonly folder: string;
  readonly root: string;
  /** Files of published artifacts by their SHA-256. */
  readonly blobs: string;
  /** Published artifacts. */
  readonly models: string;
  /** What each URI led to last. */
  readonly uris: string;
  /** What pulls have not finished, and what is about to be removed. */
  readonly partial: string;
  readonly locks: string;
}

export function layoutOf(folder: string): Layout {
  const root = join(folder, VERSION_MARK);
  const at = (name: string): string => join(root, name);
  return {
    folder,
    root,
    blobs: at('blobs'),
    models: at('models'),
    uris: at('uris'),
    partial: at('partial'),
    locks: at('locks'),
  };
}

/** A published artifact. */
export interface Tree {
  readonly id: string;
  readonly folder: string;
  readonly manifest: string;
  readonly files: string;
  /** Locked while somebody holds it; its time is that of the last use. */
  readonly lease: string;
  /** There once the disk has it for sure. */
  readonly synced: string;
}

export function treeIn(models: string, id: string): Tree {
  const folder = join(models, id);
  const at = (name: string): string => join(folder, name);
  return {
    id,
    folder,
    manifest: at('manifest.json'),
    files: at('files'),
    lease: at('lease'),
    synced: at('synced'),
  };
}

/**
 * The name of a published artifact: its digest, and a mark of the paths it is laid out by. One digest may be laid out in two
 * ways: a file is the same under another name, and a version the same beside the folder it came in.
 */
export function treeIdOf(digest: string, paths: readonly string[]): string {
  const mark = createHash('sha256').update(JSON.stringify(paths)).digest('hex').slice(0, 8);
  return `${hexOf(digest)}-${mark}`;
}

export function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

/** The published artifact that a path lies in, and where: `…/models/<id>/files/<within>`. */
export function placeOf(layout: Layout, path: string): { id: string; within: string } | undefined {
  if (!path.startsWith(`${layout.models}/`)) return undefined;
  const [id = '', files, ...names] = path.slice(layout.models.length + 1).split('/');
  return files === 'files' ? { id, within: names.join('/') } : undefined;
}

/** What names of folders in `partial` begin with that are being removed, or were when their process was killed. */
export const GONE = 'gone-';
