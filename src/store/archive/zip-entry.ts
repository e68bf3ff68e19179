import type { ArchiveEntry } from './entry.ts';

/** What a zip file's directory says of one entry. */
export interface ZipRecord {
  readonly name: string;
  /** The system that wrote it, in the upper byte: 3 is Unix, which left a mode in `attributes`. */
  readonly madeBy: number;
  readonly attributes: number;
  /** Bit 0: encrypted. Bit 13: names are encrypted too. */
  readonly flags: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
}

const UNIX = 3;
const KINDS: Readonly<Record<number, ArchiveEntry['kind']>> = {
  0o010000: 'pipe',
  0o020000: 'device',
  0o040000: 'folder',
  0o060000: 'device',
  0o100000: 'file',
  0o120000: 'symbolic link',
  0o140000: 'socket',
};

/** Folders end with a slash, whoever wrote them; links are known by their mode. */
export function zipKind({ name, madeBy, attributes }: ZipRecord): ArchiveEntry['kind'] {
  const mode = madeBy >>> 8 === UNIX ? (attributes >>> 16) & 0o170000 : 0;
  const kind = KINDS[mode] ?? 'file';
  return kind === 'file' && name.endsWith('/') ? 'folder' : kind;
}

/** A file whose mode lets anybody run it, where a Unix wrote one. */
export function isZipProgram({ madeBy, attributes }: ZipRecord): boolean {
  return madeBy >>> 8 === UNIX && ((attributes >>> 16) & 0o111) !== 0;
}

/** Why an entry cannot be unpacked, worded to follow its name. */
export function zipProblem({ flags, method }: ZipRecord): string | undefined {
  if ((flags & 0x2041) !== 0) return 'is encrypted';
  return method === 0 || method === 8
    ? undefined
    : `is packed by method ${method}, and only stored and deflated entries are unpacked`;
}

/** Bytes of the file that an entry takes for itself: from its header to its end. */
export interface Span {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** An entry whose bytes are those of another one too: a bomb, since each byte then counts many times. `end`: of all entries. */
export function overlapping(spans: readonly Span[], end: number): Span | undefined {
  const inOrder = spans.toSorted((a, b) => a.start - b.start || a.end - b.end);
  return inOrder.find((span, index) => span.end > (inOrder[index + 1]?.start ?? end));
}
