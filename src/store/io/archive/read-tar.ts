import type { ArchiveEntry } from '../../archive/entry.ts';
import { type Pax, parsePax } from '../../archive/pax.ts';
import { BLOCK, cString, parseTarHeader, type TarHeader } from '../../archive/tar-header.ts';
import { ByteReader } from './byte-reader.ts';
import { Refusal } from './refusal.ts';

const KINDS: Readonly<Record<string, ArchiveEntry['kind']>> = {
  '0': 'file',
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'pipe',
  '7': 'file',
  S: 'sparse file',
};

/** Headers that describe the next entry: POSIX's, for one and for all, and GNU's of a long name and a long target. */
const DESCRIBING = 'xgLK';
const MOST_DESCRIPTION = 1024 * 1024;

/**
 * The entries of a tar file (POSIX ustar and pax, GNU's long names), `onHeader` told of each header. Throws a `Refusal` for one
 * that is damaged, cut off, or has anything after its end: two blocks of zeros, which may be padded with more.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  onHeader: () => void,
): AsyncGenerator<ArchiveEntry> {
  const bytes = new ByteReader(source);
  for (let described: Pax = {}; ; ) {
    const block = await blockOf(bytes);
    if (isZero(block)) return atEnd(bytes);
    onHeader();
    const header = parsed(block);
    if (DESCRIBING.includes(header.type)) {
      described = { ...described, ...(await description(bytes, header)) };
      continue;
    }
    const body = new Body(bytes, entryOf(header, described));
    yield body.entry;
    await body.skip();
    described = {};
  }
}

function parsed(block: Uint8Array): TarHeader {
  const header = parseTarHeader(block);
  if (!header.ok) throw new Refusal(header.error);
  return header.value;
}

async function blockOf(bytes: ByteReader): Promise<Uint8Array> {
  const block = await bytes.exactly(BLOCK);
  if (block === undefined) throw new Refusal('is cut off: the end that a tar file has is missing');
  return block;
}

async function atEnd(bytes: ByteReader): Promise<void> {
  if (!isZero(await blockOf(bytes))) throw new Refusal('has something after its end');
  for (let rest = await bytes.some(1 << 20); rest !== undefined; rest = await bytes.some(1 << 20))
    if (!isZero(rest)) throw new Refusal('has something after its end');
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte === 0);
}

async function description(bytes: ByteReader, { type, size, name }: TarHeader): Promise<Pax> {
  if (size > MOST_DESCRIPTION) throw new Refusal('has an extended header of more than 1 MiB', name);
  const body = await bytes.exactly(size);
  const padding = await bytes.exactly(paddingOf(size));
  if (body === undefined || padding === undefined) throw new Refusal('is cut off in a header');
  if (type === 'L') return { name: cString(body) };
  if (type === 'K') return { target: cString(body) };
  const pax = parsePax(body);
  if (!pax.ok) throw new Refusal(pax.error, name);
  // What describes all entries is a comment of git; a name or size for all makes no sense.
  return type === 'g' ? {} : pax.value;
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function entryOf(header: TarHeader, described: Pax): Omit<ArchiveEntry, 'bytes'> {
  const name = described.name ?? header.name;
  const known = described.isSparse === true ? 'sparse file' : KINDS[header.type];
  if (known === undefined) throw new Refusal(`is of a kind that is not unpacked, '${header.type}'`, name);
  // Before POSIX had a letter for them, folders were files with a slash.
  const kind = known === 'file' && name.endsWith('/') ? 'folder' : known;
  const hasBody = known === 'file' || known === 'sparse file';
  const size = hasBody ? (described.size ?? header.size) : 0;
  return { name, kind, target: described.target ?? header.target, size };
}

/** The bytes behind a header, which are read or passed over. */
class Body {
  readonly entry: ArchiveEntry;
  readonly #bytes: ByteReader;
  #left: number;

  constructor(bytes: ByteReader, entry: Omit<ArchiveEntry, 'bytes'>) {
    this.#bytes = bytes;
    this.#left = entry.size;
    this.entry = { ...entry, bytes: () => this.#read() };
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const chunk = await this.#bytes.some(this.#left);
      if (chunk === undefined) throw new Refusal('is cut off in this file', this.entry.name);
      this.#left -= chunk.length;
      yield chunk;
    }
  }

  async skip(): Promise<void> {
    for await (const _ of this.#read());
    if ((await this.#bytes.exactly(paddingOf(this.entry.size))) === undefined)
      throw new Refusal('is cut off behind this file', this.entry.name);
  }
}
