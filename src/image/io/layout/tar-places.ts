import type { FileHandle } from 'node:fs/promises';
import { type Pax, parsePax, parseTarHeader, type TarHeader } from '#store';
import { BLOCK } from '../../tar/header.ts';

/** Where a file of a tar file lies in it. Bytes. */
export interface Place {
  readonly offset: number;
  readonly size: number;
}

/** More than any layout has; what is more was made to keep somebody busy. */
const MOST_MEMBERS = 100_000;
const MOST_RECORDS = 1024 * 1024;

/**
 * Where the files of a tar file lie, by their paths. Headers are read and nothing else, so that gigabytes cost nothing. Throws an
 * error in plain words, to follow the name of the file.
 */
export async function placesIn(
  file: FileHandle,
  fileSize: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Place>> {
  const places = new Map<string, Place>();
  let described: Pax = {};
  for (let at = 0, members = 0; ; members++) {
    signal.throwIfAborted();
    const block = await exactly(file, at, BLOCK);
    if (block.every(byte => byte === 0)) return places;
    if (members > MOST_MEMBERS) throw new Error(`it has more than ${MOST_MEMBERS} members`);
    const header = headerOf(block);
    const place = { offset: at + BLOCK, size: described.size ?? header.size };
    at = place.offset + Math.ceil(place.size / BLOCK) * BLOCK;
    if (at > fileSize) throw new Error('it is cut off');
    if (header.type === '0') places.set(plain(described.name ?? header.name), place);
    described = header.type === 'x' ? await records(file, place) : {};
  }
}

function headerOf(block: Buffer): TarHeader {
  const header = parseTarHeader(block);
  if (header.ok) return header.value;
  const isPacked = block[0] === 0x1f && block[1] === 0x8b;
  throw new Error(isPacked ? 'it is packed with gzip; unpack it first' : 'it is no tar file');
}

async function records(file: FileHandle, { offset, size }: Place): Promise<Pax> {
  if (size > MOST_RECORDS) throw new Error('it has an extended header of more than 1 MiB');
  const pax = parsePax(await exactly(file, offset, size));
  if (!pax.ok) throw new Error('it has a broken extended header');
  return pax.value;
}

async function exactly(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead < length) throw new Error('it is cut off');
  return buffer;
}

/** As archives of a folder have it: `./index.json`. */
function plain(name: string): string {
  return name.replace(/^\.\//, '');
}
