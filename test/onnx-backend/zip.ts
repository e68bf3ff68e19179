/** Entries of a zip archive in memory. Format: PKWARE's APPNOTE.TXT, without zip64 and encryption. */
import { inflateRawSync } from 'node:zlib';

const END = { signature: 0x06054b50, size: 22, entries: 10, start: 16 } as const;
const ENTRY = {
  signature: 0x02014b50,
  size: 46,
  method: 10,
  packed: 20,
  unpacked: 24,
  name: 28,
  extra: 30,
  comment: 32,
  local: 42,
} as const;
const LOCAL = { size: 30, name: 26, extra: 28 } as const;
const STORED = 0;
const DEFLATED = 8;

export interface Entry {
  readonly name: string;
  /** Bytes, unpacked. */
  readonly size: number;
  /** Its bytes, unpacked. Throws when they are damaged. */
  readonly read: () => Buffer;
}

/** The entries of an archive, in its order; none is unpacked before it is read. Throws when it is no archive. */
export function entriesOf(archive: Buffer): Entry[] {
  const end = archive.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  if (end < 0 || end + END.size > archive.length) throw new Error('the archive has no directory');
  const count = archive.readUInt16LE(end + END.entries);
  const entries: Entry[] = [];
  let at = archive.readUInt32LE(end + END.start);
  for (let index = 0; index < count; index++) {
    if (archive.readUInt32LE(at) !== ENTRY.signature) throw new Error(`byte ${at} begins no entry`);
    const nameEnd = at + ENTRY.size + archive.readUInt16LE(at + ENTRY.name);
    const place = at;
    entries.push({
      name: archive.toString('utf8', at + ENTRY.size, nameEnd),
      size: archive.readUInt32LE(at + ENTRY.unpacked),
      read: () => unpack(archive, place),
    });
    at = nameEnd + archive.readUInt16LE(at + ENTRY.extra) + archive.readUInt16LE(at + ENTRY.comment);
  }
  return entries;
}

function unpack(archive: Buffer, entry: number): Buffer {
  const local = archive.readUInt32LE(entry + ENTRY.local);
  const lengths = archive.readUInt16LE(local + LOCAL.name) + archive.readUInt16LE(local + LOCAL.extra);
  const start = local + LOCAL.size + lengths;
  const packed = archive.subarray(start, start + archive.readUInt32LE(entry + ENTRY.packed));
  const method = archive.readUInt16LE(entry + ENTRY.method);
  if (method !== STORED && method !== DEFLATED) throw new Error(`compression ${method} is not known here`);
  const bytes = method === STORED ? packed : inflateRawSync(packed);
  if (bytes.length === archive.readUInt32LE(entry + ENTRY.unpacked)) return bytes;
  throw new Error('an entry is not as long as the archive says');
}
