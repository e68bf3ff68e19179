import { type AppError, failure } from '#base';
import type { ByteRange, RemoteFile } from '../../source.ts';

/** What an answer says of the bytes that it brings. */
export interface Brought {
  readonly status: number;
  readonly token: string | undefined;
  readonly length: number | undefined;
  /** Content-Range. */
  readonly range: string | undefined;
}

/**
 * What is wrong with an answer that says that it is right: not every server, and nothing that lies between, heeds conditions and
 * ranges.
 */
export function faultIn(
  brought: Brought,
  file: RemoteFile,
  range: ByteRange | undefined,
  uri: string,
): AppError | undefined {
  const isOther = file.token !== undefined && brought.token !== undefined && brought.token !== file.token;
  if (isOther) return failure('source_changed', { uri, file: file.path });
  const problem =
    range === undefined ? problemOfWhole(brought, file) : problemOfRange(brought, range, file.path);
  if (problem !== undefined) return failure('source_invalid', { uri, status: brought.status, problem });
  const size = /\/(\d+)$/.exec(brought.range ?? '')?.[1];
  const isResized =
    range !== undefined && size !== undefined && file.size !== undefined && Number(size) !== file.size;
  return isResized ? failure('source_changed', { uri, file: file.path }) : undefined;
}

function problemOfWhole({ length }: Brought, { path, size }: RemoteFile): string | undefined {
  if (size === undefined || length === size) return undefined;
  return `${path} has ${size} bytes, and the answer ${length ?? 'does not say how many'}`;
}

function problemOfRange(
  { range: said }: Brought,
  { start, end }: ByteRange,
  path: string,
): string | undefined {
  if (new RegExp(`^bytes ${start}-${end - 1}/`).test(said ?? '')) return undefined;
  return `it was asked for bytes ${start} to ${end - 1} of ${path}, and answers ${said ?? 'all of them'}`;
}

/** How many bytes an answer may have. */
export function lengthOf(file: RemoteFile, range: ByteRange | undefined): number {
  return range === undefined ? (file.size ?? Number.POSITIVE_INFINITY) : range.end - range.start;
}
