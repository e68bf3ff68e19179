/** Fetches files side by side: ranges of them over so many connections, tried again where they break off. */
import { AppError, failure, messageOf, type Random } from '#base';
import type { ByteRange, RemoteFile, Source } from '../../source.ts';
import type { Block } from '../../transfer/journal.ts';
import { isWorthAnother, pauseAfter } from '../trying.ts';
import type { FetchedFile } from './fetched-file.ts';
import { Blocks, RangeWriter } from './range-writer.ts';

export interface Fetching {
  readonly source: Source;
  /** As messages name it. */
  readonly uri: string;
  readonly connections: number;
  /** In a row without a byte. */
  readonly attempts: number;
  /** Of the cache: what does not tell its size comes up to that. */
  readonly quota: { readonly bytes: number; readonly path: string };
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Bytes that came over the network. */
  readonly onBytes: (bytes: number) => void;
}

interface Running extends Fetching {
  readonly blocks: Blocks;
}

interface Piece {
  readonly to: FetchedFile;
  /** Undefined for all of it, in one piece. */
  readonly range: ByteRange | undefined;
}

/** Until every file is there, and its digests are known. What has come of the others stays where one fails. */
export async function fetchAll(files: readonly FetchedFile[], fetching: Fetching): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([fetching.signal, stop.signal]);
  const running = { ...fetching, signal, blocks: new Blocks() };
  const pieces = piecesOf(files);
  const ends: Promise<void>[] = [];
  const one = async (): Promise<void> => {
    for (const piece of pieces) {
      await fetchPiece(piece, running);
      if (piece.to.isThere) ends.push(noted(piece.to.finish(signal)));
    }
  };
  const work = Array.from({ length: fetching.connections }, () =>
    one().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  const results = await Promise.allSettled(work);
  const finished = await Promise.allSettled(ends);
  const failed = [...results, ...finished].find(result => result.status === 'rejected');
  fetching.signal.throwIfAborted();
  if (failed !== undefined) throw stop.signal.aborted ? stop.signal.reason : failed.reason;
}

/** Its failure is looked at in the end. */
function noted(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}

/** In the order of the files, so that the first is there first. One iterator, from which every connection takes the next. */
function* piecesOf(files: readonly FetchedFile[]): Generator<Piece> {
  for (const to of files) for (const range of to.missing()) yield { to, range };
}

async function fetchPiece(piece: Piece, fetching: Running): Promise<void> {
  const { attempts, signal } = fetching;
  const partial = await piece.to.open();
  const start = piece.range?.start ?? 0;
  let reached = start;
  const options = { blocks: fetching.blocks, onWritten: (block: Block) => piece.to.wrote(block) };
  let writer = new RangeWriter(partial, start, options);
  for (let failures = 0; ; ) {
    try {
      return await attempt(piece, writer, fetching);
    } catch (error: unknown) {
      signal.throwIfAborted();
      if (!isWorthAnother(error)) throw error;
      failures = writer.position > reached ? 1 : failures + 1;
      reached = Math.max(reached, writer.position);
      if (failures >= attempts) throw brokenOff(error, piece.to.remote, fetching.uri);
      await pauseAfter(error, failures, fetching);
      await writer.settle();
      if (piece.range === undefined) {
        piece.to.forget();
        writer = new RangeWriter(partial, 0, options);
      }
    }
  }
}

/** One answer of the source, from where the last one broke off. */
async function attempt({ to, range }: Piece, writer: RangeWriter, fetching: Running): Promise<void> {
  const { source, signal, uri } = fetching;
  const end = range?.end ?? to.remote.size ?? Number.POSITIVE_INFINITY;
  const wanted = range === undefined ? undefined : { start: writer.position, end };
  if (wanted === undefined || wanted.start < end)
    await take(await source.read(to.remote, wanted, signal), writer, { ...fetching, end, remote: to.remote });
  await writer.settle();
  if (Number.isFinite(end) && writer.position < end) throw tooShort(to.remote, uri);
  if (range === undefined) to.setSize(writer.position);
}

async function take(
  chunks: AsyncIterable<Uint8Array>,
  writer: RangeWriter,
  { end, remote, uri, quota, onBytes }: Running & { end: number; remote: RemoteFile },
): Promise<void> {
  for await (const chunk of chunks) {
    if (writer.position + chunk.length > end) throw tooLong(remote, uri);
    if (writer.position + chunk.length > quota.bytes) throw tooLarge(remote, quota);
    onBytes(chunk.length);
    const pushed = writer.push(chunk);
    if (pushed !== undefined) await pushed;
  }
}

function brokenOff(error: unknown, { path }: RemoteFile, uri: string): AppError {
  if (error instanceof AppError) return error;
  return failure('source_unavailable', { uri, problem: `${path} broke off: ${messageOf(error)}` }, error);
}

function tooLong({ path }: RemoteFile, uri: string): AppError {
  return failure('source_invalid', { uri, problem: `more bytes of ${path} came than were asked for` });
}

/** What tells its size has been weighed before. */
function tooLarge({ path: file }: RemoteFile, { path, bytes }: Fetching['quota']): AppError {
  return failure('cache_full', { path, problem: `${file} has more bytes than its quota of ${bytes}` });
}

function tooShort({ path }: RemoteFile, uri: string): AppError {
  return failure('source_unavailable', { uri, problem: `${path} ended before all of it had come` });
}
