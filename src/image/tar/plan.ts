import { err, ok, type Result } from '#base';
import { isMark, isSafePath } from '#store';
import { BLOCK, headerBytes, type Member, padding } from './header.ts';

/** What is to be put in a tar file. `body` says where the bytes of a file are; nobody here asks it. */
export type TarItem<B> =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Bytes. */
      readonly size: number;
      readonly isProgram?: boolean | undefined;
      readonly body: B;
    }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** A stretch of a tar file: bytes as they are, or those of a file. */
export type Segment<B> = Uint8Array | { readonly body: B; readonly size: number };

/** What cannot be put in, and why not; the problem is worded to follow the path. */
export interface TarProblem {
  readonly path: string;
  readonly problem: string;
}

/**
 * The tar file of some items, the same bytes for the same items in whatever order they come: by path, each folder before what lies
 * in it, those that nobody named among them. `time` is everybody's, in seconds since 1970.
 */
export function planTar<B>(
  items: readonly TarItem<B>[],
  time: number,
): Result<readonly Segment<B>[], TarProblem> {
  const all = new Map<string, TarItem<B>>();
  for (const item of items) {
    const problem = all.has(item.path) ? 'comes twice' : problemOf(item);
    if (problem !== undefined) return err({ path: item.path, problem });
    all.set(item.path, item);
  }
  for (const path of items.flatMap(item => parentsOf(item.path))) {
    const kind = all.get(path)?.kind ?? 'folder';
    if (kind !== 'folder') return err({ path, problem: `is a ${kind}, and has others in it` });
    all.set(path, { kind: 'folder', path });
  }
  return ok(segmentsOf([...all.values()].toSorted(byPath), time));
}

/** Bytes of all segments. */
export function sizeOf(segments: readonly Segment<unknown>[]): number {
  return segments.reduce((sum, one) => sum + (one instanceof Uint8Array ? one.length : one.size), 0);
}

/** By code unit, as languages differ in what comes first. A folder is the beginning of what lies in it, and so before it. */
function byPath({ path: a }: { path: string }, { path: b }: { path: string }): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function problemOf(item: TarItem<unknown>): string | undefined {
  const { path } = item;
  if (!isSafePath(path)) return 'is no path below the root of an image: relative, without .., not too long';
  // Half a character has no UTF-8; what stands for it might be another one's name.
  if (!path.isWellFormed()) return 'is no text';
  if (isMark(path)) return 'is named as what removes a file of the layers below is';
  return item.kind === 'link' ? targetProblem(item.target) : undefined;
}

function targetProblem(target: string): string | undefined {
  const isTarget = target !== '' && !target.includes('\0') && Buffer.byteLength(target) < MOST_TARGET;
  return isTarget && target.isWellFormed() ? undefined : 'is a link to no name';
}

/** PATH_MAX of Linux, its zero byte among it. */
const MOST_TARGET = 4096;

function parentsOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, at) => names.slice(0, at + 1).join('/'));
}

function segmentsOf<B>(items: readonly TarItem<B>[], time: number): Segment<B>[] {
  const segments: Segment<B>[] = [];
  let bytes: Uint8Array[] = [];
  for (const item of items) {
    bytes.push(headerBytes(memberOf(item, time)));
    if (item.kind !== 'file' || item.size === 0) continue;
    segments.push(Buffer.concat(bytes), { body: item.body, size: item.size });
    bytes = [padding(item.size)];
  }
  return [...segments, Buffer.concat([...bytes, new Uint8Array(2 * BLOCK)])];
}

function memberOf(item: TarItem<unknown>, time: number): Member {
  const { kind, path } = item;
  if (kind === 'link') return { kind, path, size: 0, mode: 0o777, target: item.target, time };
  if (kind === 'folder') return { kind, path, size: 0, mode: 0o755, target: '', time };
  return { kind, path, size: item.size, mode: item.isProgram === true ? 0o755 : 0o644, target: '', time };
}
