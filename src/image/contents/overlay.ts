import type { BaseFile } from '../base-image.ts';
import { namesOf } from './row.ts';
import type { LayerScan, ScanRow } from './scan.ts';

interface FileNode {
  readonly kind: 'file';
  readonly layer: number;
  /** One object for all names of a file. */
  readonly data: { readonly size: number; readonly text: string | undefined };
}

interface LinkNode {
  readonly kind: 'link';
  readonly layer: number;
  readonly target: string;
}

interface FolderNode {
  readonly kind: 'folder';
  readonly layer: number;
  readonly children: Map<string, Node>;
}

type Node = FileNode | LinkNode | FolderNode;

interface Step {
  readonly name: string;
  readonly folder: FolderNode;
}

/** As Linux follows, before it says that links lead in a circle. */
const MOST_LINKS = 40;

/** The layers of an image over one another, as one that runs would see them. */
export class Overlay {
  readonly #root: FolderNode = { kind: 'folder', layer: 0, children: new Map() };

  /** Lays one more over those that are there. What it hides is of those below, wherever in it the mark stands. */
  add({ rows, texts }: LayerScan, layer: number): void {
    for (const [path, kind] of rows) if (kind === 'whiteout' || kind === 'opaque') this.#hide(path, kind);
    for (const row of rows) this.#put(row, layer, texts);
  }

  /** The path that one leads to where folders on its way are links: `usr/lib/x` for `lib/x`. Undefined where there is none. */
  placeOf(path: string): string | undefined {
    const names = namesOf(path);
    const last = names.pop();
    const steps = this.#walk(names);
    if (last === undefined || steps?.at(-1)?.folder.children.has(last) !== true) return undefined;
    return [...steps.slice(1).map(({ name }) => name), last].join('/');
  }

  /** Every file, folder and link with its path, outer ones first; bytes of a file with several names are those of the first. */
  files(): Map<string, BaseFile> {
    const files = new Map<string, BaseFile>();
    const firstNames = new Map<object, string>();
    for (const [path, node] of nodesIn(this.#root, '')) files.set(path, fileOf(node, path, firstNames));
    return files;
  }

  /** Of files that say what is installed, by path. */
  texts(): Map<string, string> {
    const texts = new Map<string, string>();
    for (const [path, node] of nodesIn(this.#root, ''))
      if (node.kind === 'file' && node.data.text !== undefined) texts.set(path, node.data.text);
    return texts;
  }

  #hide(path: string, kind: 'whiteout' | 'opaque'): void {
    const names = namesOf(path);
    const last = kind === 'whiteout' ? names.pop() : undefined;
    const folder = this.#walk(names)?.at(-1)?.folder;
    if (last === undefined) folder?.children.clear();
    else folder?.children.delete(last);
  }

  #put([path, kind, size, target]: ScanRow, layer: number, texts: LayerScan['texts']): void {
    if (kind === 'whiteout' || kind === 'opaque') return;
    const names = namesOf(path);
    const last = names.pop() ?? '';
    const folder = this.#walk(names, layer)?.at(-1)?.folder;
    if (folder === undefined) return;
    const found = folder.children.get(last);
    if (kind === 'folder')
      folder.children.set(last, {
        kind,
        layer,
        children: found?.kind === 'folder' ? found.children : new Map(),
      });
    else if (kind === 'link') folder.children.set(last, { kind, layer, target });
    else folder.children.set(last, this.#fileNode([path, kind, size, target], layer, texts));
  }

  #fileNode([path, kind, size, target]: ScanRow, layer: number, texts: LayerScan['texts']): FileNode {
    const same = kind === 'hard link' ? this.#find(target) : undefined;
    if (same?.kind === 'file') return { kind: 'file', layer, data: same.data };
    return {
      kind: 'file',
      layer,
      data: { size, text: Object.hasOwn(texts, path) ? texts[path] : undefined },
    };
  }

  #find(path: string): Node | undefined {
    const names = namesOf(path);
    const last = names.pop() ?? '';
    return this.#walk(names)?.at(-1)?.folder.children.get(last);
  }

  /**
   * The folders of those names from the root on, links followed and never out of it. With a layer they are made where they are
   * not; without, undefined where there is none.
   */
  #walk(names: readonly string[], layer?: number): readonly Step[] | undefined {
    const steps: Step[] = [{ name: '', folder: this.#root }];
    const left = names.toReversed();
    for (let links = 0, name = left.pop(); name !== undefined; name = left.pop()) {
      const { folder } = steps.at(-1) ?? { folder: this.#root };
      const child = folder.children.get(name);
      if (name === '..') steps.splice(Math.max(1, steps.length - 1));
      else if (child?.kind === 'folder') steps.push({ name, folder: child });
      else if (child?.kind === 'link') {
        if (++links > MOST_LINKS) return undefined;
        if (child.target.startsWith('/')) steps.splice(1);
        left.push(...namesOf(child.target).toReversed());
      } else if (layer === undefined) return undefined;
      else steps.push({ name, folder: made(folder, name, layer) });
    }
    return steps;
  }
}

function made(within: FolderNode, name: string, layer: number): FolderNode {
  const folder: FolderNode = { kind: 'folder', layer, children: new Map() };
  within.children.set(name, folder);
  return folder;
}

/** Not by calling itself: a path may have thousands of names. */
function* nodesIn(root: FolderNode, at: string): Generator<readonly [string, Node]> {
  const left: (readonly [string, Node])[] = [[at, root]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [path, node] = next;
    if (node !== root) yield next;
    if (node.kind !== 'folder') continue;
    for (const [name, child] of [...node.children].toReversed())
      left.push([path === '' ? name : `${path}/${name}`, child]);
  }
}

function fileOf(node: Node, path: string, firstNames: Map<object, string>): BaseFile {
  const { kind, layer } = node;
  if (kind === 'folder') return { kind, size: 0, layer };
  if (kind === 'link') return { kind, size: 0, layer, target: node.target };
  const first = firstNames.get(node.data);
  if (first !== undefined) return { kind, size: 0, layer, target: first };
  firstNames.set(node.data, path);
  return { kind, size: node.data.size, layer };
}
