import { constants } from 'node:fs';
import { chmod, copyFile, type FileHandle, link, lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveEntry } from '../../archive/entry.ts';
import type { Links, Target } from '../../archive/links.ts';
import { type FolderNode, folderNode, Tree, type TreeNode } from '../../archive/tree.ts';
import type { Whiteout } from '../../archive/whiteout.ts';
import { isSafePath } from '../../source.ts';
import { Refusal } from './refusal.ts';

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;
/** Only a file that was not there, and never what a link leads to. */
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** Where a file cannot have one more name: too many already, or a file system without. */
const UNLINKABLE = ['EMLINK', 'EPERM', 'EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Told of each file or folder that a link brings, by the link's path, before it does. */
export type OnLinked = (name: string, size: number) => void;

/** The folder that archives are unpacked into: on the disk, and as a tree that says what lies there. */
export class Ground {
  readonly tree = new Tree();
  readonly #into: string;

  constructor(into: string) {
    this.#into = into;
  }

  /** Learns what earlier archives brought. */
  async survey(): Promise<void> {
    await this.#surveyFolder('', this.tree.root);
  }

  async #surveyFolder(path: string, folder: FolderNode): Promise<void> {
    for (const { name } of await readdir(join(this.#into, path), { withFileTypes: true })) {
      const child = path === '' ? name : `${path}/${name}`;
      const found = await lstat(join(this.#into, child));
      if (!found.isFile() && !found.isDirectory()) throw new Error(`${child} is neither a file nor a folder`);
      const node: TreeNode = found.isFile()
        ? { kind: 'file', size: found.size, isOlder: true }
        : folderNode(true);
      folder.children.set(name, node);
      if (node.kind === 'folder') await this.#surveyFolder(child, node);
    }
  }

  find(path: string): TreeNode | undefined {
    return this.tree.find(path);
  }

  async makeFolder(path: string, name: string): Promise<void> {
    await this.#put(path, folderNode(false), name);
  }

  async writeFile(path: string, entry: ArchiveEntry, onChunk: (chunk: Uint8Array) => void): Promise<void> {
    const { name, size } = entry;
    await this.#put(path, { kind: 'file', size, isOlder: false }, name);
    const file = await open(join(this.#into, path), NEW_FILE, FILE_MODE).catch(error => taken(error, name));
    try {
      for await (const chunk of entry.bytes()) {
        onChunk(chunk);
        await writeAll(file, chunk);
      }
      await file.chmod(FILE_MODE);
    } finally {
      await file.close();
    }
  }

  /** Another name of a file that is there. */
  async linkFile(path: string, from: string, name: string): Promise<void> {
    const found = this.find(from);
    const isSelf = path === from || path.startsWith(`${from}/`) || from.startsWith(`${path}/`);
    if (found?.kind !== 'file' || isSelf) throw new Refusal('is a link to itself', name);
    await this.#put(path, { kind: 'file', size: found.size, isOlder: false }, name);
    await this.#link(from, path, name);
  }

  /** It is made by `settleLinks`. */
  async noteLink(path: string, target: string, name: string): Promise<void> {
    await this.#put(path, { kind: 'link', target }, name);
  }

  async clear({ path, isWithin }: Whiteout): Promise<void> {
    const gone = isWithin ? this.tree.clearWithin(path) : this.tree.clear(path);
    for (const one of gone) await this.#remove(one);
  }

  /** Makes of each link what it leads to. */
  async settleLinks(links: Links, onLinked: OnLinked): Promise<void> {
    for (const found of linksIn(this.tree.root, '', [this.tree.root])) {
      const target = followed(links, found.path, found.node, found.path);
      await this.#settle(found.path, target, { links, onLinked, name: found.path, within: found.above });
    }
  }

  async #settle(path: string, { path: from, node }: Target, settling: Settling): Promise<void> {
    const { onLinked, name, within } = settling;
    if (!isSafePath(path)) throw new Refusal('is a link that makes names too long', name);
    onLinked(name, node.kind === 'file' ? node.size : 0);
    if (node.kind === 'file') return this.#link(from, path, name);
    if (within.includes(node)) throw new Refusal('is a link to a folder that it lies in', name);
    await this.#make(path, name);
    for (const [child, below] of node.children) {
      const at = from === '' ? child : `${from}/${child}`;
      const target =
        below.kind === 'link' ? followed(settling.links, at, below, name) : { path: at, node: below };
      await this.#settle(`${path}/${child}`, target, { ...settling, within: [...within, node] });
    }
  }

  async #put(path: string, node: TreeNode, name: string): Promise<void> {
    const put = this.tree.put(path, node);
    if (!put.ok) throw new Refusal(put.error, name);
    const { removed, made } = put.value;
    if (removed !== undefined) await this.#remove(removed);
    for (const folder of made) await this.#make(folder, name);
  }

  async #make(path: string, name: string): Promise<void> {
    const folder = join(this.#into, path);
    await mkdir(folder, FOLDER_MODE).catch(error => taken(error, name));
    await chmod(folder, FOLDER_MODE);
  }

  async #link(from: string, to: string, name: string): Promise<void> {
    const paths = [join(this.#into, from), join(this.#into, to)] as const;
    try {
      await link(...paths);
    } catch (error: unknown) {
      if (!UNLINKABLE.includes((error as NodeJS.ErrnoException).code ?? '')) taken(error, name);
      await copyFile(...paths, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    }
  }

  #remove(path: string): Promise<void> {
    return rm(join(this.#into, path), { recursive: true, force: true });
  }
}

interface Settling {
  readonly links: Links;
  readonly onLinked: OnLinked;
  /** The link of the archive that all this comes from. */
  readonly name: string;
  /** Folders that are being copied, or that the link lies in. */
  readonly within: readonly FolderNode[];
}

interface NotedLink {
  readonly path: string;
  readonly node: Extract<TreeNode, { kind: 'link' }>;
  readonly above: readonly FolderNode[];
}

function* linksIn(folder: FolderNode, path: string, above: readonly FolderNode[]): Generator<NotedLink> {
  for (const [name, node] of folder.children) {
    const child = path === '' ? name : `${path}/${name}`;
    if (node.kind === 'link') yield { path: child, node, above };
    if (node.kind === 'folder') yield* linksIn(node, child, [...above, node]);
  }
}

function followed(links: Links, path: string, node: NotedLink['node'], name: string): Target {
  const target = links.follow(path, node);
  if (!target.ok) throw new Refusal(target.error, name);
  return target.value;
}

/** The tree knows of nothing there: so the disk takes two names for one. */
function taken(error: unknown, name: string): never {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  throw new Refusal(
    'has a name that this disk takes for that of another entry, as one that differs only in case',
    name,
  );
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}
