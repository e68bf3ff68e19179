import { err, ok, type Result } from '#base';
import { namesOf } from './place.ts';

/** What an unpacked folder holds, as it lies on the disk; links are only noted until all of an archive is there. */
export interface FileNode {
  readonly kind: 'file';
  readonly size: number;
  /** It was there before this archive. */
  readonly isOlder: boolean;
}

export interface FolderNode {
  readonly kind: 'folder';
  readonly children: Map<string, TreeNode>;
  isOlder: boolean;
  /** Nothing older is left below, and nothing older can come. */
  isCleared: boolean;
}

export interface LinkNode {
  readonly kind: 'link';
  readonly target: string;
}

export type TreeNode = FileNode | FolderNode | LinkNode;

/** What is to be done on the disk before an entry can be written. */
export interface Preparation {
  /** A file or folder that lies where the entry goes, or where a folder above it does. */
  readonly removed: string | undefined;
  /** Folders to be made, outer ones first. */
  readonly made: readonly string[];
}

export function folderNode(isOlder: boolean): FolderNode {
  return { kind: 'folder', children: new Map(), isOlder, isCleared: !isOlder };
}

/**
 * The folder that archives are unpacked into, kept in memory beside the disk. Every name is looked up here and never through the
 * disk, where no link ever lies: so nothing can be written through one.
 */
export class Tree {
  readonly root = folderNode(true);

  find(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.root;
    for (const name of namesOf(path)) node = node?.kind === 'folder' ? node.children.get(name) : undefined;
    return node;
  }

  /** Puts a file, folder or link in; what was there is replaced, but a folder by a folder. */
  put(path: string, node: TreeNode): Result<Preparation, string> {
    const names = namesOf(path);
    const last = names.pop() ?? '';
    const above = this.#enter(names);
    if (!above.ok) return above;
    const { folder, made, removed } = above.value;
    const found = folder.children.get(last);
    if (found?.kind === 'folder' && node.kind === 'folder') {
      found.isOlder = false;
      return ok({ removed, made });
    }
    folder.children.set(last, node);
    const isReplaced = found !== undefined && found.kind !== 'link';
    const makes = node.kind === 'folder' ? [path] : [];
    return ok({ removed: isReplaced ? path : removed, made: [...made, ...makes] });
  }

  /** The folder of those names, made where it is not there. A file that lies in its way is replaced, a link is not followed. */
  #enter(names: readonly string[]): Result<Preparation & { folder: FolderNode }, string> {
    let folder = this.root;
    let removed: string | undefined;
    const made: string[] = [];
    for (const [index, name] of names.entries()) {
      const child = folder.children.get(name);
      const path = names.slice(0, index + 1).join('/');
      if (child?.kind === 'link') return err(`lies below '${path}', which is a link`);
      if (child?.kind === 'file') removed = path;
      const next = child?.kind === 'folder' ? child : folderNode(false);
      if (next !== child) made.push(path);
      folder.children.set(name, next);
      folder = next;
    }
    return ok({ folder, made, removed });
  }

  /** Removes what earlier archives brought at and below a path: the whiteout of an image's layer. Answers the paths. */
  clear(path: string): string[] {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) return this.clearWithin('');
    const folder = this.find(names.join('/'));
    return folder?.kind === 'folder' ? clearChild(folder, last, path) : [];
  }

  /** The same of all that lies in a folder. */
  clearWithin(path: string): string[] {
    const folder = this.find(path);
    return folder?.kind === 'folder' ? clearChildren(folder, path) : [];
  }
}

function clearChild(folder: FolderNode, name: string, path: string): string[] {
  const node = folder.children.get(name);
  if (node === undefined || node.kind === 'link') return [];
  const within = node.kind === 'folder' ? clearChildren(node, path) : [];
  const isGone = node.isOlder && (node.kind === 'file' || node.children.size === 0);
  if (!isGone) return within;
  folder.children.delete(name);
  return [path];
}

function clearChildren(folder: FolderNode, path: string): string[] {
  if (folder.isCleared) return [];
  folder.isCleared = true;
  const prefix = path === '' ? '' : `${path}/`;
  return [...folder.children.keys()].flatMap(name => clearChild(folder, name, `${prefix}${name}`));
}
