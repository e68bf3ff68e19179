/** One element of a tensor's text, read as its datatype: exactly, or not at all. The grammar has been checked. */
import { base64At, decodeBase64, endOfString } from './base64.ts';
import type { ByteStrings } from './byte-strings.ts';
import { toHalf } from './half.ts';
import { endOfNumber, exactInteger, readDouble, wasPlain } from './number-text.ts';
import type { Datatype, TensorData } from './tensor.ts';

/** The end of any element, whatever the datatype makes of it. */
export function endOfElement(bytes: Buffer, at: number): number {
  if (bytes[at] === 0x22) return endOfString(bytes, at);
  if (bytes[at] === 0x7b) return base64At(bytes, at)?.end ?? at + 1;
  let cursor = at;
  while (cursor < bytes.length && !delimiters.includes(bytes[cursor] ?? 0)) cursor++;
  return cursor;
}

const delimiters = Buffer.from(' \t\r\n,[]{}');

/** Digits, a sign, or the first letter of NaN or Infinity. */
export function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x4e || byte === 0x49;
}

/** Elements that are assigned one by one; the reader of a datatype is only given its array. */
type Numbers = { [index: number]: number | bigint };

/** Reads the element at `at` into `data[index]`; false when it is not one of the datatype. */
export type ElementReader = (bytes: Buffer, at: number, data: TensorData, index: number) => boolean;

/** A finite number that the datatype rounds to an infinity is refused: whoever means one writes Infinity. */
const float =
  (round: (value: number) => number): ElementReader =>
  (bytes, at, data, index) => {
    if (!isNumberByte(bytes[at] ?? 0)) return false;
    const value = readDouble(bytes, at);
    (data as Numbers)[index] = value;
    return Number.isFinite(round(value)) || isWord(bytes, at);
  };

const half: ElementReader = (bytes, at, data, index) => {
  if (!isNumberByte(bytes[at] ?? 0)) return false;
  const value = readDouble(bytes, at);
  (data as Numbers)[index] = toHalf(value);
  return Math.abs(value) < 65520 || isWord(bytes, at);
};

const integer =
  (least: number, most: number): ElementReader =>
  (bytes, at, data, index) => {
    if (!isNumberByte(bytes[at] ?? 0)) return false;
    const value = readDouble(bytes, at);
    if (!(value >= least && value <= most)) return false;
    (data as Numbers)[index] = value;
    // A fraction or exponent may round to an integer that it is not, so its text is read exactly.
    return wasPlain() || exactInteger(bytes.toString('latin1', at, endOfNumber())) !== undefined;
  };

const bigInteger =
  (least: bigint, most: bigint): ElementReader =>
  (bytes, at, data, index) => {
    if (!isNumberByte(bytes[at] ?? 0)) return false;
    const near = readDouble(bytes, at);
    const small = Math.abs(near) <= Number.MAX_SAFE_INTEGER && wasPlain();
    const value = small ? BigInt(near) : exactInteger(bytes.toString('latin1', at, endOfNumber()));
    if (value === undefined || value < least || value > most) return false;
    (data as Numbers)[index] = value;
    return true;
  };

const boolean: ElementReader = (bytes, at, data, index) => {
  const first = bytes[at];
  (data as Numbers)[index] = first === 0x74 ? 1 : 0;
  return first === 0x74 || first === 0x66;
};

/** Lone surrogates are refused: they have no UTF-8, so the model would see another string than was sent. */
const text: ElementReader = (bytes, at, data, index) => {
  if (bytes[at] !== 0x22) return false;
  const value = JSON.parse(bytes.toString('utf8', at, endOfString(bytes, at))) as string;
  if (!value.isWellFormed()) return false;
  (data as ByteStrings).set(index, value);
  return true;
};

/** As TensorFlow Serving has strings: text, or `{"b64": "…"}`. */
export const textOrBase64: ElementReader = (bytes, at, data, index) => {
  if (bytes[at] !== 0x7b) return text(bytes, at, data, index);
  const object = base64At(bytes, at);
  const value = object === undefined ? undefined : decodeBase64(object.encoded);
  if (value === undefined) return false;
  (data as ByteStrings).set(index, value);
  return true;
};

export const elementReaders: Readonly<Record<Datatype, ElementReader>> = {
  BOOL: boolean,
  UINT8: integer(0, 255),
  UINT16: integer(0, 65_535),
  UINT32: integer(0, 4_294_967_295),
  UINT64: bigInteger(0n, 2n ** 64n - 1n),
  INT8: integer(-128, 127),
  INT16: integer(-32_768, 32_767),
  INT32: integer(-2_147_483_648, 2_147_483_647),
  INT64: bigInteger(-(2n ** 63n), 2n ** 63n - 1n),
  FP16: half,
  FP32: float(Math.fround),
  FP64: float(value => value),
  BYTES: text,
};

/** Whether the number at `at` is written NaN or Infinity. */
function isWord(bytes: Buffer, at: number): boolean {
  const byte = bytes[at] === 0x2d ? bytes[at + 1] : bytes[at];
  return byte === 0x4e || byte === 0x49;
}
