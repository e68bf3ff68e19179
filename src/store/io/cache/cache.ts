import {
  access,
  constants,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failure } from '#base';
import { type Entry, readEntry } from '../../cache/entry.ts';
import { hexOf, type Layout, layoutOf, type Tree, treeIdOf, treeIn } from '../../cache/layout.ts';
import { readTrail, type Trail, trailText } from '../../cache/trail.ts';
import { cacheFault, codeOf } from './faults.ts';
import { makeShared } from './folders.ts';
import { isLockable, type Lock, lockShared, type Waiting } from './locks.ts';

/** A published artifact that is read, and stays while it is. */
export interface Leased {
  readonly tree: Tree;
  readonly entry: Entry;
  readonly lease: Lock;
}

/** The name that an artifact is published by. */
export function idOf({ digest, laid }: Entry): string {
  return treeIdOf(
    digest,
    laid.files.map(({ path }) => path),
  );
}

/** Where the paths of an artifact start. */
export function rootOf(tree: Tree, { within }: Entry): string {
  return within === undefined ? tree.files : join(tree.files, within);
}

/** The files of the cache. One that may only be read gives what it has. */
export class Cache {
  readonly layout: Layout;

  constructor(folder: string) {
    this.layout = layoutOf(resolve(folder));
  }

  /** Makes its folders, where they are not there. Throws `cache_unusable` where nothing can be written. */
  async prepare(): Promise<void> {
    const { folder, root, blobs, models, uris, partial, locks } = this.layout;
    try {
      await mkdir(folder, { recursive: true });
      for (const path of [root, blobs, models, uris, partial, locks]) await makeShared(path);
      for (const path of [blobs, models, uris, partial, locks]) await access(path, constants.W_OK);
    } catch (error: unknown) {
      throw cacheFault(folder, error);
    }
  }

  /** What a URI led to last, or when it led to a digest; undefined where that is not known. */
  async trail(key: string, digest?: string): Promise<Trail | undefined> {
    const text = await this.#read(this.#trailFile(digest === undefined ? key : pinnedKey(key, digest)));
    return text === undefined ? undefined : readTrail(text);
  }

  /**
   * Kept twice: what the URI leads to later takes the place of the one, and who has pinned this finds the other. In a folder where
   * each may only replace what is theirs, the note of another user stays: it is asked for anew next time.
   */
  async keepTrail(key: string, trail: Trail): Promise<void> {
    const text = trailText(trail);
    for (const name of [pinnedKey(key, trail.digest), key]) await this.#keep(this.#trailFile(name), text);
  }

  async #keep(path: string, text: string): Promise<void> {
    try {
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
    } catch (error: unknown) {
      await rm(`${path}.new`, { force: true }).catch(() => {});
      if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'EACCES') throw cacheFault(path, error);
    }
  }

  /** Every URI's, by the name of its file. */
  async trails(): Promise<ReadonlyMap<string, Trail>> {
    const found = new Map<string, Trail>();
    for (const name of await this.names(this.layout.uris)) {
      if (!name.endsWith('.json')) continue;
      // One that cannot be read keeps nobody from the others.
      const trail = await this.trail(name.slice(0, -5)).catch(() => undefined);
      if (trail !== undefined) found.set(name.slice(0, -5), trail);
    }
    return found;
  }

  /** Of the URIs that have led to an artifact; one that is kept twice counts once. */
  async trailsTo(id: string): Promise<readonly Trail[]> {
    const own = [...(await this.trails()).values()].filter(({ tree }) => tree === id);
    return [...new Map(own.map(trail => [`${trail.uri} ${trail.mark}`, trail])).values()];
  }

  #trailFile(key: string): string {
    return join(this.layout.uris, `${key}.json`);
  }

  tree(id: string): Tree {
    return treeIn(this.layout.models, id);
  }

  /** The names of published artifacts. */
  trees(): Promise<readonly string[]> {
    return this.names(this.layout.models);
  }

  blob(sha256: string): string {
    return join(this.layout.blobs, sha256);
  }

  /** What an artifact must be; undefined for one that is not there, or whose manifest is not the one that it is named by. */
  async entry(id: string): Promise<Entry | undefined> {
    const text = await this.#read(this.tree(id).manifest);
    const entry = text === undefined ? undefined : readEntry(text);
    return entry !== undefined && id === idOf(entry) ? entry : undefined;
  }

  /** Whether it can be held; one whose manifest or lease is broken or gone cannot, and is to be published anew. */
  async isUsable(id: string): Promise<boolean> {
    const entry = await this.entry(id).catch(() => undefined);
    return entry !== undefined && isLockable(this.tree(id).lease);
  }

  /** Keeps an artifact from being removed; undefined where it is not there. */
  async lease(id: string, waiting: Waiting): Promise<Leased | undefined> {
    const tree = this.tree(id);
    const lease = await lockShared(tree.lease, waiting);
    if (lease === undefined) return undefined;
    const entry = await this.entry(id).catch((error: unknown) => {
      lease.release();
      throw error;
    });
    if (entry !== undefined) return { tree, entry, lease };
    lease.release();
    return undefined;
  }

  /** Where the cache may only be read, the time of the last use stays as it was. */
  async noteUse(tree: Tree, when: Date): Promise<void> {
    await utimes(tree.lease, when, when).catch(() => {});
  }

  async usedAt(tree: Tree): Promise<number> {
    const found = await stat(tree.lease).catch(() => undefined);
    return found?.mtimeMs ?? 0;
  }

  /** Notes that rules have let it in. Where nothing can be written they are asked again. */
  async noteAdmitted(tree: Tree, marks: readonly string[]): Promise<void> {
    for (const mark of marks) await writeFile(admittedIn(tree, mark), '').catch(() => {});
  }

  /** Whether each of the rules has let it in once. */
  async wasAdmitted(tree: Tree, marks: readonly string[]): Promise<boolean> {
    const found = await Promise.all(
      marks.map(mark =>
        stat(admittedIn(tree, mark)).then(
          () => true,
          () => false,
        ),
      ),
    );
    return found.every(Boolean);
  }

  lockFile(name: string): string {
    return join(this.layout.locks, name);
  }

  /** None of a folder that is not there. */
  async names(folder: string): Promise<readonly string[]> {
    try {
      return (await readdir(folder)).filter(name => !name.startsWith('.'));
    } catch (error: unknown) {
      if (codeOf(error) === 'ENOENT') return [];
      throw cacheFault(folder, error);
    }
  }

  async #read(path: string): Promise<string | undefined> {
    try {
      const { size } = await stat(path);
      if (size <= MOST_RECORD) return await readFile(path, 'utf8');
      throw failure('cache_unusable', { path, problem: `it is longer than ${MOST_RECORD} bytes` });
    } catch (error: unknown) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw cacheFault(path, error);
    }
  }
}

function pinnedKey(key: string, digest: string): string {
  return `${key}-${hexOf(digest)}`;
}

/** Longer than the manifest of any model is, of 100 000 files even. Bytes. */
const MOST_RECORD = 64 * 2 ** 20;

function admittedIn({ folder }: Tree, mark: string): string {
  return join(folder, `admitted-${mark}`);
}
