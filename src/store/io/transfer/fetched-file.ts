import type { ByteRange, RemoteFile } from '../../source.ts';
import type { Block } from '../../transfer/journal.ts';
import { cut, Frontier, missingOf } from '../../transfer/ranges.ts';
import { cacheFault } from '../cache/faults.ts';
import type { Algorithm } from '../hashing/digesting.ts';
import { type FollowedFile, type Hashed, hashing } from '../hashing/hashing.ts';
import { PartialFile, provenBlocks } from './partial-file.ts';

/** Bytes. */
const SMALL = 2 ** 18;

export interface FetchedOptions {
  /** As messages name where it comes from. */
  readonly uri: string;
  readonly path: string;
  /** What its bytes must be, where that is known before they come. */
  readonly sha256: string | undefined;
  /** Whether what its source tells of them is looked at too. */
  readonly withChecksum: boolean;
  readonly requestBytes: number;
  /** Nothing tells that what came before is of the same file. */
  readonly isAnew: boolean;
}

/** A file on its way: what of it is there, and its digests, which are made of what lies on the disk, as it comes. */
export class FetchedFile {
  readonly remote: RemoteFile;
  readonly #options: FetchedOptions;
  readonly #algorithms: readonly Algorithm[];
  #frontier = new Frontier();
  #there: readonly ByteRange[] = [];
  #size: number | undefined;
  #opening: Promise<PartialFile> | undefined;
  #followed: FollowedFile | undefined;
  #finishing: Promise<void> | undefined;
  /** 64 hex digits, once it is finished. */
  sha256 = '';
  /** What it should have been, once it is finished. */
  fault: { readonly expected: string; readonly found: string } | undefined;

  constructor(remote: RemoteFile, options: FetchedOptions) {
    this.remote = remote;
    this.#options = options;
    this.#size = remote.size;
    const told = options.withChecksum ? remote.checksum?.algorithm : undefined;
    this.#algorithms = told === undefined || told === 'sha256' ? ['sha256'] : ['sha256', told];
  }

  get path(): string {
    return this.#options.path;
  }

  get size(): number {
    return this.#size ?? 0;
  }

  /** Bytes that were there before. */
  get reused(): number {
    return this.#there.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Looks what of it is there. */
  async look(): Promise<void> {
    if (this.#isAnew) return;
    this.#there = await provenBlocks(this.path, this.remote.size);
    for (const block of this.#there) this.#frontier.add(block);
  }

  get #isAnew(): boolean {
    return this.#options.isAnew || this.remote.size === undefined;
  }

  /** What is to be fetched; one piece, also of nothing, where it must be asked for as a whole. */
  missing(): readonly (ByteRange | undefined)[] {
    if (this.remote.size === undefined) return [undefined];
    const ranges = cut(missingOf(this.remote.size, this.#there), this.#options.requestBytes);
    // Nothing is left to fetch, but somebody has to finish it.
    return ranges.length > 0 ? ranges : [{ start: this.remote.size, end: this.remote.size }];
  }

  open(): Promise<PartialFile> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<PartialFile> {
    const file = await PartialFile.open(this.path, this.#there.length === 0);
    if (this.#isFollowed) {
      this.#followed = hashing.follow(this.path, this.#algorithms, this.remote.size);
      this.#followed.reach(this.#frontier.reached);
    }
    return file;
  }

  /** A small file is there before a thread has started to read it. */
  get #isFollowed(): boolean {
    return this.#algorithms.length > 1 || this.remote.size === undefined || this.remote.size > SMALL;
  }

  wrote(block: Block): void {
    this.#frontier.add(block);
    // What comes in one piece may have to begin anew.
    if (this.remote.size !== undefined) this.#followed?.reach(this.#frontier.reached);
  }

  /** It comes in one piece, which broke off. */
  forget(): void {
    this.#frontier = new Frontier();
  }

  setSize(size: number): void {
    this.#size = size;
  }

  get isThere(): boolean {
    return this.#size !== undefined && this.#frontier.reached >= this.#size;
  }

  /** Once all of it is there: its digests. Several may ask. */
  finish(signal: AbortSignal): Promise<void> {
    this.#finishing ??= this.#finish(signal);
    return this.#finishing;
  }

  async #finish(signal: AbortSignal): Promise<void> {
    const file = await this.open();
    // A longer file of a pull before, or of a piece that broke off, would not be the one that came.
    await file.close(this.size);
    this.#opening = undefined;
    const { hexes } = await this.#hashed(signal);
    const [sha256 = '', told] = hexes;
    const { checksum } = this.remote;
    const isTold = told === undefined || told === checksum?.hex;
    const expected = this.#options.sha256;
    this.sha256 = sha256;
    if (expected !== undefined && expected !== sha256)
      this.fault = { expected: `sha256:${expected}`, found: `sha256:${sha256}` };
    else if (!isTold)
      this.fault = {
        expected: `${checksum?.algorithm}:${checksum?.hex}`,
        found: `${checksum?.algorithm}:${told}`,
      };
  }

  async #hashed(signal: AbortSignal): Promise<Hashed> {
    try {
      return await (this.#followed === undefined
        ? hashing.file(this.path, { signal })
        : this.#followed.end({ signal }));
    } catch (error: unknown) {
      signal.throwIfAborted();
      throw cacheFault(this.path, error);
    }
  }

  /** Lets go of it, whatever has become of it. What has come stays, where the next pull may go on from it. */
  async close(): Promise<void> {
    this.#followed?.drop();
    const size = this.remote.size === undefined ? 0 : undefined;
    await this.#opening?.then(file => file.close(size)).catch(() => {});
  }
}
