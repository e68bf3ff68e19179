/** From a source to a published artifact. Whoever calls it has the lock of the pull. */
import { join } from 'node:path';
import { AppError, failure, type Result } from '#base';
import { withArchive } from '../archive-format.ts';
import { type Entry, entryOf } from '../cache/entry.ts';
import { hexOf } from '../cache/layout.ts';
import { isSame, type KnownFile, knownHashes, stampOf, type Trail, trailText } from '../cache/trail.ts';
import { type Choice, choose } from '../choose.ts';
import type { Manifest } from '../manifest.ts';
import { type Listing, listingProblem, type RemoteFile, type Source } from '../source.ts';
import type { Signature } from '../store.ts';
import { type Asked, mismatch, UNKNOWN } from './asked.ts';
import { bootId } from './cache/boot.ts';
import { cacheFault } from './cache/faults.ts';
import { makeShared } from './cache/folders.ts';
import { publish, type Ready } from './cache/publish.ts';
import { putAway } from './cache/removing.ts';
import { gather } from './gather.ts';
import { makeRoom } from './room.ts';
import type { Setting } from './setting.ts';
import { beside, readSignatures } from './signatures.ts';
import { tried } from './trying.ts';
import { type Unpacked, unpackAll } from './unpacking.ts';

/** What a pull came to: what its URI leads to now. */
export interface Pulled {
  readonly trail: Trail;
  readonly fetched: number;
  /** What was published is right for sure: it was put there by this pull. */
  readonly isFresh: boolean;
}

/** How often what changes while it is fetched is asked for anew. */
const MOST_LISTINGS = 3;

/** Throws what `hold` throws. What had arrived when it did stays for the next one. */
export async function pull(setting: Setting, asked: Asked, key: string): Promise<Pulled> {
  const { open, connections, patienceMs, environment } = setting;
  const source = await open(asked.reference, asked.wanted.uri, { connections, patienceMs, environment });
  try {
    for (let listings = 1; ; listings++) {
      const pulled = await new Pull(setting, asked, { key, source }).run().catch((error: unknown) => {
        const isChanged = error instanceof AppError && error.code === 'source_changed';
        if (!isChanged || listings >= MOST_LISTINGS) throw error;
      });
      if (pulled !== undefined) return pulled;
    }
  } finally {
    source.close();
  }
}

interface Task {
  readonly key: string;
  readonly source: Source;
}

/** One listing, and what it leads to. */
class Pull {
  readonly #setting: Setting;
  readonly #asked: Asked;
  readonly #task: Task;
  readonly #ground: string;

  constructor(setting: Setting, asked: Asked, task: Task) {
    this.#setting = setting;
    this.#asked = asked;
    this.#task = task;
    this.#ground = join(setting.cache.layout.partial, task.key);
  }

  async run(): Promise<Pulled> {
    const { cache, admission } = this.#setting;
    const { wanted, uri } = this.#asked;
    const listing = await this.#list();
    const choice = valueOf(choose(listing, wanted), uri);
    if (choice.isSeveral && wanted.digest !== undefined) throw pinsSeveral(uri);
    admission.beforeFetching(wanted, choice.files);
    const trail = await cache.trail(this.#task.key);
    const signatures = await readSignatures(this.#task.source, choice.signatures, this.#asked);
    const about = {
      named: listing.named,
      revision: listing.revision,
      signatures: beside(signatures, choice.within),
    };
    if (trail !== undefined && isSame(choice.files, trail) && (await this.#isHere(trail))) {
      // One that was killed right after it had published has left this.
      await putAway(cache, this.#ground).catch(() => {});
      const kept = { ...trail, ...asListed(about, choice) };
      const found = { fetched: 0, isFresh: false };
      // What is here can be held on a full disk too.
      return trailText(kept) === trailText(trail) ? { trail, ...found } : this.#keep(kept, found);
    }
    return this.#fetch(choice, trail, about);
  }

  async #list(): Promise<Listing> {
    const { signal, tell, uri } = this.#asked;
    tell({ phase: 'listing', ...UNKNOWN });
    const { attempts, random } = this.#setting;
    const listing = await tried(() => this.#task.source.list(signal), { attempts, random, signal });
    const problem = listingProblem(listing.files.map(({ path }) => path));
    if (problem !== undefined) throw failure('source_invalid', { uri, problem });
    return withArchive(listing);
  }

  async #isHere({ tree, digest }: Trail): Promise<boolean> {
    const pinned = this.#asked.wanted.digest;
    if (pinned !== undefined && pinned !== digest) return false;
    return this.#setting.cache.isUsable(tree);
  }

  async #fetch(choice: Choice, trail: Trail | undefined, about: About): Promise<Pulled> {
    const { cache } = this.#setting;
    await makeShared(this.#ground).catch((error: unknown) => {
      throw cacheFault(this.#ground, error);
    });
    const hashes = await this.#hashes(choice.files, trail);
    const { ready, fetched } = await gather(this.#setting, this.#asked, {
      source: this.#task.source,
      ground: this.#ground,
      files: choice.files,
      hashes,
    });
    const laid = await this.#laid(choice, ready);
    if (laid.isSeveral && this.#asked.wanted.digest !== undefined) throw pinsSeveral(this.#asked.uri);
    const entry = entryOf(manifestOf(laid.ready), laid.within, await bootId());
    await this.#refuseOther(entry, laid.ready);
    await this.#fit(laid.ready);
    const { id, isNew } = await publish(cache, this.#ground, entry, laid.ready);
    const known = knownOf(choice.files, ready);
    const { digest } = entry;
    const { clock, random } = this.#setting;
    const kept = {
      uri: this.#asked.uri,
      digest,
      tree: id,
      pulledAt: clock.date().getTime(),
      known,
      ...about,
      ...(laid.unpacked !== undefined && { named: laid.unpacked.top, signatures: laid.unpacked.signatures }),
    };
    const pulled = await this.#keep({ ...kept, mark: String(random.next()) }, { fetched, isFresh: isNew });
    await putAway(cache, this.#ground).catch(() => {});
    return pulled;
  }

  async #keep(trail: Trail, { fetched, isFresh }: Pick<Pulled, 'fetched' | 'isFresh'>): Promise<Pulled> {
    await this.#setting.cache.keepTrail(this.#task.key, trail);
    return { trail, fetched, isFresh };
  }

  /** What is known of the files before they come. */
  async #hashes(files: readonly RemoteFile[], trail: Trail | undefined): Promise<Hashes> {
    const pinned = await this.#pinned(files);
    const sure = (file: RemoteFile): string | undefined =>
      file.checksum?.algorithm === 'sha256' ? file.checksum.hex : pinned.get(file.path);
    const known = knownHashes(trail);
    return { sure, likely: file => sure(file) ?? known(file) };
  }

  /** A pin tells the hash of a file that is alone, and those of all files where another URI has led to the same. */
  async #pinned(files: readonly RemoteFile[]): Promise<ReadonlyMap<string, string>> {
    const { digest } = this.#asked.wanted;
    const [first, second] = files;
    if (digest === undefined || first === undefined || files.some(({ unpack }) => unpack !== undefined))
      return new Map();
    if (second === undefined) return new Map([[first.path, hexOf(digest)]]);
    const { cache } = this.#setting;
    const id = (await cache.trees()).find(name => name.startsWith(`${hexOf(digest)}-`));
    const laid = id === undefined ? undefined : (await cache.entry(id))?.laid;
    const isAlike = laid?.files.length === files.length && laid.files.every(file => isAmong(file, files));
    return new Map(isAlike ? laid.files.map(({ path, sha256 }) => [path, sha256]) : []);
  }

  /** Archives are unpacked here, and of what comes out it is chosen once more. */
  async #laid(choice: Choice, ready: readonly Ready[]): Promise<Laid> {
    if (choice.files.every(({ unpack }) => unpack === undefined)) return { ready, ...choice };
    const into = join(this.#ground, 'unpacked');
    const unpacked = await unpackAll(this.#setting, this.#asked, { files: choice.files, ready, into });
    const value = valueOf(unpacked, this.#asked.uri);
    return { ...value, unpacked: { ...value, signatures: beside(value.signatures, value.within) } };
  }

  /** Of archives and of files of unknown size it is known only now how large they are; and others have come meanwhile. */
  async #fit(files: readonly Ready[]): Promise<void> {
    if (this.#setting.quotaBytes === undefined) return;
    await makeRoom(this.#setting, { files, missing: 0 }, this.#asked.signal);
  }

  /** What is pinned, and is not what came, is not kept: the next pull would go on from there. */
  async #refuseOther({ digest: found }: Entry, files: readonly Ready[]): Promise<void> {
    const { wanted, uri } = this.#asked;
    const expected = wanted.digest;
    if (expected === undefined || expected === found) return;
    await putAway(this.#setting.cache, this.#ground).catch(() => {});
    throw mismatch(uri, { file: files.length === 1 ? files[0]?.path : undefined, expected, found });
  }
}

interface About {
  readonly named: string | undefined;
  readonly revision: string | undefined;
  readonly signatures: readonly Signature[];
}

interface Laid extends Pick<Choice, 'within' | 'isSeveral'> {
  readonly ready: readonly Ready[];
  /** What only an archive tells. */
  readonly unpacked?: Unpacked;
}

/** What a listing tells of what is here already: of archives that is not known before they are unpacked. */
function asListed(about: About, { files }: Choice): Partial<About> {
  return files.some(({ unpack }) => unpack !== undefined) ? { revision: about.revision } : about;
}

/** The SHA-256 that a file must have, and the one that it had when it was last told of so. */
export interface Hashes {
  readonly sure: (file: RemoteFile) => string | undefined;
  readonly likely: (file: RemoteFile) => string | undefined;
}

function isAmong({ path, size }: Manifest['files'][number], files: readonly RemoteFile[]): boolean {
  return files.some(file => file.path === path && file.size === size);
}

function manifestOf(files: readonly Ready[]): Manifest {
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return { files: sorted.map(({ path, size, sha256 }) => ({ path, size, sha256 })) };
}

function knownOf(files: readonly RemoteFile[], ready: readonly Ready[]): readonly KnownFile[] {
  const hashes = new Map(ready.map(({ path, sha256 }) => [path, sha256]));
  return files.map(file => ({
    path: file.path,
    stamp: stampOf(file) ?? '',
    sha256: hashes.get(file.path) ?? '',
  }));
}

function valueOf<T>(result: Result<T, string>, uri: string): T {
  if (result.ok) return result.value;
  throw failure('source_missing', { uri, problem: result.error });
}

export function pinsSeveral(uri: string): AppError {
  const problem =
    'several versions of it are asked for, and a digest pins one: ask for that, or leave out the digest';
  return failure('uri_invalid', { uri, problem });
}
