import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, fromFdPromise, getFileNameLowLevel, type LocalFileHeader, type ZipFile } from 'yauzl';
import { messageOf } from '#base';
import type { ArchiveEntry } from '../../archive/entry.ts';
import {
  isZipProgram,
  overlapping,
  type Span,
  type ZipRecord,
  zipKind,
  zipProblem,
} from '../../archive/zip-entry.ts';
import { Refusal } from './refusal.ts';

/** As long as a link may be. */
const MOST_TARGET = 4096;

interface Listed {
  readonly entry: Entry;
  readonly record: ZipRecord;
}

/**
 * The entries of a zip file, `onHeader` told of each record of its directory, which is read as a whole before anything is unpacked:
 * an entry that shares its bytes with another, or whose own header says something else than the directory, is refused. Throws a
 * `Refusal` for what is broken, cut off, encrypted, or is not what its checksum says.
 */
export async function* readZip(
  archive: FileHandle,
  onHeader: (name: string) => void,
): AsyncGenerator<ArchiveEntry> {
  // It is never closed, which would close the file of whoever asked. Names are decoded here, so that what is wrong with one is told with it.
  const zip = await reading(fromFdPromise(archive.fd, { autoClose: false, decodeStrings: false }));
  const listed = await directoryOf(zip, onHeader);
  await checkEnd(archive, Number(zip.readEntryCursor));
  for (const { entry, record } of listed) yield await entryOf(zip, entry, record);
}

async function directoryOf(zip: ZipFile, onHeader: (name: string) => void): Promise<Listed[]> {
  const start = Number(zip.readEntryCursor);
  const listed: Listed[] = [];
  for await (const entry of eachEntry(zip)) {
    const record = recordOf(entry);
    onHeader(record.name);
    listed.push({ entry, record });
  }
  const spans: Span[] = [];
  for (const { entry, record } of listed) spans.push(await spanOf(zip, entry, record));
  const shared = overlapping(spans, start);
  if (shared !== undefined)
    throw new Refusal('shares its bytes with another entry, as a bomb does', shared.name);
  return listed;
}

/** What may follow the directory: its end, that of zip64, or a signature over it. */
const ENDS: readonly number[] = [0x06054b50, 0x06064b50, 0x05054b50];

/** Another entry there is one that the end did not count, and others would unpack. */
async function checkEnd(archive: FileHandle, at: number): Promise<void> {
  const { buffer } = await archive.read(Buffer.alloc(4), 0, 4, at);
  if (!ENDS.includes(buffer.readUInt32LE(0)))
    throw new Refusal('has another number of entries than its end says');
}

async function* eachEntry(zip: ZipFile): AsyncGenerator<Entry> {
  const entries = zip.eachEntry();
  for (let next = await reading(entries.next()); next.done !== true; next = await reading(entries.next()))
    yield next.value;
}

function recordOf(entry: Entry): ZipRecord {
  const raw = entry.fileName as unknown as Buffer;
  return {
    name: getFileNameLowLevel(entry.generalPurposeBitFlag, raw, entry.extraFields, true),
    madeBy: entry.versionMadeBy,
    attributes: entry.externalFileAttributes,
    flags: entry.generalPurposeBitFlag,
    method: entry.compressionMethod,
  };
}

/** Where an entry lies, by its own header; which must be of the same file, as others would unpack what that one says. */
async function spanOf(zip: ZipFile, entry: Entry, { name }: ZipRecord): Promise<Span> {
  const header = await reading(localHeader(zip, entry), name);
  const isSame =
    header.fileName.equals(entry.fileName as unknown as Buffer) &&
    header.compressionMethod === entry.compressionMethod;
  if (!isSame) throw new Refusal('is another one in its own header than in the directory', name);
  const start = entry.relativeOffsetOfLocalHeader;
  return { name, start, end: header.fileDataStart + entry.compressedSize };
}

function localHeader(zip: ZipFile, entry: Entry): Promise<LocalFileHeader> {
  return new Promise((resolve, reject) => {
    zip.readLocalFileHeader(entry, (error, header) => (error === null ? resolve(header) : reject(error)));
  });
}

async function entryOf(zip: ZipFile, entry: Entry, record: ZipRecord): Promise<ArchiveEntry> {
  const { name } = record;
  const kind = zipKind(record);
  const bytes = (): AsyncIterable<Uint8Array> => bytesOf(zip, entry, record);
  const target = kind === 'symbolic link' ? await targetOf(entry, bytes(), name) : '';
  const size = kind === 'file' ? entry.uncompressedSize : 0;
  return { name, kind, target, size, bytes, isProgram: kind === 'file' && isZipProgram(record) };
}

/** A link's target is what its file holds. */
async function targetOf(entry: Entry, bytes: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  if (entry.uncompressedSize > MOST_TARGET) throw new Refusal('is a link to a name that is too long', name);
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* bytesOf(zip: ZipFile, entry: Entry, record: ZipRecord): AsyncGenerator<Uint8Array> {
  const { name } = record;
  const problem = zipProblem(record);
  if (problem !== undefined) throw new Refusal(problem, name);
  const stream: Readable = await reading(zip.openReadStreamPromise(entry), name);
  let sum = 0;
  try {
    // It is checked on the way that no more and no fewer bytes come than the directory says.
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error: unknown) {
    throw new Refusal(`is broken: ${messageOf(error)}`, name);
  } finally {
    stream.destroy();
  }
  if (sum !== entry.crc32) throw new Refusal('is not what its checksum (CRC-32) says', name);
}

/** What the library throws is about the archive, but for what the disk does not let it do. */
async function reading<T>(action: Promise<T>, entry?: string): Promise<T> {
  try {
    return await action;
  } catch (error: unknown) {
    const { syscall } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? new Refusal(`is broken: ${messageOf(error)}`, entry) : error;
  }
}
