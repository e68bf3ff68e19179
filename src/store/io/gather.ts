import { createHash } from 'node:crypto';
import { link, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stampOf } from '../cache/trail.ts';
import type { RemoteFile, Source } from '../source.ts';
import { requestBytes } from '../transfer/ranges.ts';
import { type Asked, mismatch } from './asked.ts';
import { cacheFault } from './cache/faults.ts';
import { removeAll } from './cache/folders.ts';
import type { Ready } from './cache/publish.ts';
import { hashing } from './hashing/hashing.ts';
import type { Hashes } from './pull.ts';
import { type Coming, makeRoom } from './room.ts';
import type { Setting } from './setting.ts';
import { sideBySide } from './side-by-side.ts';
import { FetchedFile } from './transfer/fetched-file.ts';
import { fetchAll } from './transfer/fetching.ts';

export interface Gathering {
  readonly source: Source;
  readonly ground: string;
  readonly files: readonly RemoteFile[];
  readonly hashes: Hashes;
}

export interface Gathered {
  /** In the order of the files. */
  readonly ready: readonly Ready[];
  /** Bytes that came over the network. */
  readonly fetched: number;
}

/** Brings every file here: from what the cache has, from what a pull before has left, and the rest from the source. */
export async function gather(setting: Setting, asked: Asked, gathering: Gathering): Promise<Gathered> {
  const { files } = gathering;
  const found = await sideBySide(files, AT_ONCE, file => fromCache(setting, asked, { ...gathering, file }));
  const count = new Count(asked, gathering.files);
  for (const ready of found) if (ready !== undefined) count.reuse(ready.size);
  const rest = gathering.files.filter((_, at) => found[at] === undefined);
  const fetched = await new Fetch(setting, asked, { gathering, count }).run(rest);
  return {
    ready: gathering.files.map((_, at) => found[at] ?? (fetched.shift() as Ready)),
    fetched: count.fetched,
  };
}

/** Files that are read at once: of thousands, more would be open, and in memory, than a process may have. */
const AT_ONCE = 4;

/** What the cache has already; undefined for what it has not, or what is not right. */
async function fromCache(
  { cache }: Setting,
  { signal }: Asked,
  { file, hashes, ground }: Gathering & { file: RemoteFile },
): Promise<Ready | undefined> {
  signal.throwIfAborted();
  const sha256 = hashes.likely(file);
  if (sha256 === undefined) return undefined;
  const from = await kept(cache.blob(sha256), join(ground, `${sha256}${KEPT}`));
  const there = await stat(from).catch(() => undefined);
  if (there === undefined || (file.size !== undefined && file.size !== there.size)) return undefined;
  const { size, hexes } = await hashing.file(from, { signal });
  return hexes[0] === sha256 ? { path: file.path, size, sha256, from } : undefined;
}

const KEPT = '.kept';

/** A link of our own: what it came from may be evicted before this pull is done. */
async function kept(blob: string, own: string): Promise<string> {
  await rm(own, { force: true });
  return link(blob, own).then(
    () => own,
    () => blob,
  );
}

/** How far it is. */
class Count {
  readonly #asked: Asked;
  readonly #files: number;
  readonly #total: number | undefined;
  #reused = 0;
  fetched = 0;

  constructor(asked: Asked, files: readonly RemoteFile[]) {
    this.#asked = asked;
    this.#files = files.length;
    this.#total = files.reduce<number | undefined>(
      (sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    );
  }

  reuse(bytes: number): void {
    this.#reused += bytes;
    this.#tell();
  }

  fetch(bytes: number): void {
    this.fetched += bytes;
    this.#tell();
  }

  #tell(): void {
    const there = this.#reused + this.fetched;
    const done = Math.min(there, this.#total ?? there);
    this.#asked.tell({
      phase: 'fetching',
      files: this.#files,
      total: this.#total,
      done,
      reused: this.#reused,
    });
  }
}

class Fetch {
  readonly #setting: Setting;
  readonly #asked: Asked;
  readonly #gathering: Gathering;
  readonly #count: Count;

  constructor(setting: Setting, asked: Asked, { gathering, count }: { gathering: Gathering; count: Count }) {
    this.#setting = setting;
    this.#asked = asked;
    this.#gathering = gathering;
    this.#count = count;
  }

  async run(remotes: readonly RemoteFile[]): Promise<Ready[]> {
    const most = this.#requestBytes(remotes);
    const files = remotes.map(remote => this.#file(remote, most, false));
    await this.#dropOthers(files);
    await sideBySide(files, AT_ONCE, file => file.look());
    const reused = files.reduce((sum, file) => sum + file.reused, 0);
    const total = files.reduce((sum, { remote }) => sum + (remote.size ?? 0), 0);
    await makeRoom(this.#setting, { files: this.#coming(), missing: total - reused }, this.#asked.signal);
    this.#count.reuse(reused);
    await this.#fetch(files);
    const right = await Promise.all(
      files.map(file => (file.fault === undefined ? Promise.resolve(file) : this.#again(file, most))),
    );
    return right.map(({ remote, path: from, size, sha256 }) => ({ path: remote.path, from, size, sha256 }));
  }

  /** As far as it is known: what nobody tells the hash of counts as another file than any that is here. */
  #coming(): Coming['files'] {
    const { files, hashes } = this.#gathering;
    return files.map(file => ({ size: file.size ?? 0, sha256: hashes.likely(file) ?? file.path }));
  }

  /** Something on the way may have spoilt it: it is fetched once more, and all of it. */
  async #again({ remote }: FetchedFile, most: number): Promise<FetchedFile> {
    const file = this.#file(remote, most, true);
    await this.#fetch([file]);
    if (file.fault === undefined) return file;
    throw mismatch(this.#asked.uri, { file: remote.path, ...file.fault });
  }

  async #fetch(files: readonly FetchedFile[]): Promise<void> {
    const { random, connections, attempts, quotaBytes, cache } = this.#setting;
    const { uri, signal } = this.#asked;
    try {
      await fetchAll(files, {
        source: this.#gathering.source,
        uri,
        random,
        signal,
        connections,
        attempts,
        quota: { bytes: quotaBytes ?? Number.POSITIVE_INFINITY, path: cache.layout.folder },
        onBytes: bytes => this.#count.fetch(bytes),
      });
    } finally {
      await Promise.all(files.map(file => file.close()));
    }
  }

  #requestBytes(remotes: readonly RemoteFile[]): number {
    const total = remotes.reduce((sum, { size }) => sum + (size ?? 0), 0);
    return requestBytes(total, this.#setting.connections);
  }

  #file(remote: RemoteFile, most: number, isAnew: boolean): FetchedFile {
    const { hashes, ground } = this.#gathering;
    const stamp = stampOf(remote);
    const sha256 = hashes.sure(remote);
    return new FetchedFile(remote, {
      uri: this.#asked.uri,
      path: join(ground, nameOf(remote, stamp)),
      sha256,
      withChecksum: sha256 === undefined && this.#asked.wanted.digest === undefined,
      requestBytes: most,
      isAnew: isAnew || (stamp === undefined && sha256 === undefined),
    });
  }

  /** What came of files that have changed since, or are no longer wanted, and what cannot be gone on with. */
  async #dropOthers(files: readonly FetchedFile[]): Promise<void> {
    const { ground } = this.#gathering;
    const own = new Set(files.map(({ path }) => path));
    for (const entry of await readdir(ground, { withFileTypes: true })) {
      if (entry.name.endsWith(KEPT)) continue;
      const path = join(ground, entry.name);
      if (own.has(path.replace(/\.journal$/, '')) && entry.isFile() && (await isWritable(path))) continue;
      await removeAll(path).catch((error: unknown) => {
        throw cacheFault(path, error);
      });
    }
  }
}

/** Another user may have begun it. */
function isWritable(path: string): Promise<boolean> {
  return open(path, 'r+').then(
    file => file.close().then(() => true),
    () => false,
  );
}

/** Another one for other bytes, as far as the source tells. */
function nameOf({ path, size }: RemoteFile, stamp: string | undefined): string {
  return createHash('sha256')
    .update(JSON.stringify([path, size, stamp]))
    .digest('hex')
    .slice(0, 32);
}
