import type { ArchiveEntry } from '#store';
import type { RowKind, ScanRow } from './scan.ts';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

const KINDS: Readonly<Partial<Record<ArchiveEntry['kind'], RowKind>>> = {
  folder: 'folder',
  'symbolic link': 'link',
  'hard link': 'hard link',
};

/** The names of a path, without those that mean nothing: `./a//b` is a, b. */
export function namesOf(path: string): string[] {
  return path.split('/').filter(name => name !== '' && name !== '.');
}

/** What is kept of an entry of a layer; undefined for its root, a name that leads out, and the housekeeping of a file system. */
export function rowOf({
  name,
  kind,
  size,
  target,
}: Pick<ArchiveEntry, 'name' | 'kind' | 'size' | 'target'>): ScanRow | undefined {
  const names = namesOf(name);
  if (names.includes('..')) return undefined;
  const last = names.at(-1) ?? '';
  const above = names.slice(0, -1);
  if (last === OPAQUE) return [above.join('/'), 'opaque', 0, ''];
  if (names.some(one => one.startsWith(`${WHITEOUT}${WHITEOUT}`))) return undefined;
  if (last.startsWith(WHITEOUT))
    return [[...above, last.slice(WHITEOUT.length)].join('/'), 'whiteout', 0, ''];
  return last === '' ? undefined : plainRow(names.join('/'), KINDS[kind] ?? 'file', size, target);
}

function plainRow(path: string, kind: RowKind, size: number, target: string): ScanRow {
  if (kind === 'hard link') return [path, kind, 0, namesOf(target).join('/')];
  return [path, kind, kind === 'file' ? size : 0, kind === 'link' ? target : ''];
}
