/**
 * Headers of tar files: POSIX ustar, and pax records for what that has no room for (IEEE Std 1003.1, pax, "ustar Interchange
 * Format"). All belong to root by number, and nobody by name.
 */
export const BLOCK = 512;

/** What a header says, all of it. */
export interface Member {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Bytes; 0 of all but files. */
  readonly size: number;
  readonly mode: number;
  /** Of a link, and '' of all else. */
  readonly target: string;
  /** Seconds since 1970. */
  readonly time: number;
}

const TYPES = { file: '0', link: '2', folder: '5' } as const;
/** Eleven octal digits: 8 GiB, and the year 2242. */
export const MOST_OCTAL = 0o77777777777;

/** The blocks before the bytes of a member: its header, after one with what has no room there. */
export function headerBytes(member: Member): Uint8Array {
  const name = member.kind === 'folder' ? `${member.path}/` : member.path;
  const place = placeOf(name);
  const isLong = place === undefined;
  const records = [
    ...(isLong ? [record('path', name)] : []),
    ...(fits(member.target, 100) ? [] : [record('linkpath', member.target)]),
    ...(member.size > MOST_OCTAL ? [record('size', String(member.size))] : []),
  ].join('');
  const header = block(place ?? { name: plain(name, 100), prefix: '' }, TYPES[member.kind], member);
  return records === '' ? header : Buffer.concat([extended(records, member.time), header]);
}

function extended(records: string, time: number): Uint8Array {
  const bytes = Buffer.from(records);
  const about = { size: bytes.length, mode: 0o644, target: '', time };
  const header = block({ name: 'PaxHeaders/next', prefix: '' }, 'x', about);
  return Buffer.concat([header, bytes, padding(bytes.length)]);
}

/** Zeros up to the next block. */
export function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

interface HeaderName {
  readonly name: string;
  readonly prefix: string;
}

/** Cut at a slash where it is too long for one field. Undefined where it does not fit, or not all readers would read it alike. */
function placeOf(name: string): HeaderName | undefined {
  if (fits(name, 100)) return { name, prefix: '' };
  const slash = name.indexOf('/', name.length - 101);
  const hasRoom = slash > 0 && slash <= 155 && slash < name.length - 1 && fits(name, 256);
  return hasRoom ? { name: name.slice(slash + 1), prefix: name.slice(0, slash) } : undefined;
}

/** Only ASCII means the same everywhere: what is beyond goes in a record, which is UTF-8 by definition. */
function fits(text: string, most: number): boolean {
  return text.length <= most && ASCII.test(text);
}

const ASCII = /^[\x20-\x7e]*$/;
const BEYOND = /[^\x20-\x7e]/g;

/** For readers that do not know records; nobody here does not. */
function plain(text: string, most: number): string {
  return text.replaceAll(BEYOND, '_').slice(0, most);
}

/** `<length> <key>=<value>\n`, where the length counts itself too. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const digits = String(bytes + String(bytes).length).length;
  return `${bytes + digits}${rest}`;
}

function block({ name, prefix }: HeaderName, type: string, member: Omit<Member, 'path' | 'kind'>): Buffer {
  const bytes = Buffer.alloc(BLOCK);
  bytes.write(name, 0, 'latin1');
  bytes.write(octal(member.mode, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(member.size > MOST_OCTAL ? 0 : member.size, 11), 124);
  bytes.write(octal(member.time, 11), 136);
  bytes.write(type, 156);
  bytes.write(plain(member.target, 100), 157);
  bytes.write('ustar\x0000', 257, 'latin1');
  bytes.write(prefix, 345, 'latin1');
  // The sum of all bytes, those of the sum itself taken for spaces.
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((all, byte) => all + byte, 0);
  bytes.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return bytes;
}

/** The zero byte behind it is there already. */
function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
