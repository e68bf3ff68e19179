import { err, ok, type Result } from '#base';

/** One header block of a tar file: POSIX ustar, and what GNU tar made of it. */
export interface TarHeader {
  readonly name: string;
  /** The letter of its kind: `0` a file, `5` a folder, `x` what describes the next one. */
  readonly type: string;
  readonly size: number;
  readonly target: string;
}

export const BLOCK = 512;

/** Reads a block that is not zero. */
export function parseTarHeader(block: Uint8Array): Result<TarHeader, string> {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  if (numberAt(bytes, 148, 8) !== checksum(bytes))
    return err('has a broken header: this is no tar file, or a damaged one');
  const size = numberAt(bytes, 124, 12);
  if (size === undefined) return err('has a broken size');
  const type = String.fromCharCode(bytes[156] === 0 ? 48 : (bytes[156] ?? 48));
  return ok({ name: nameOf(bytes), type, size, target: textAt(bytes, 157, 100) });
}

/** Only POSIX has the rest of a long name in front; GNU writes times there. */
function nameOf(bytes: Buffer): string {
  const name = textAt(bytes, 0, 100);
  const isPosix = bytes.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? textAt(bytes, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** The sum of all bytes, those of the sum itself taken for spaces. */
function checksum(bytes: Buffer): number {
  let sum = 8 * 32;
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += bytes[at] ?? 0;
  return sum;
}

function textAt(bytes: Buffer, start: number, length: number): string {
  return cString(bytes.subarray(start, start + length));
}

/** Text up to its first zero byte. */
export function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end === -1 ? undefined : end)).toString('utf8');
}

/** Octal digits among spaces and zero bytes, or a binary number behind a first byte of 0x80. Undefined for anything else. */
function numberAt(bytes: Buffer, start: number, length: number): number | undefined {
  const field = bytes.subarray(start, start + length);
  if (field[0] === 0x80) return binary(field.subarray(1));
  const digits = /^ *([0-7]*)[\0 ]*$/.exec(field.toString('latin1'))?.[1];
  return digits === undefined ? undefined : Number.parseInt(`0${digits}`, 8);
}

function binary(bytes: Uint8Array): number | undefined {
  const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
}
