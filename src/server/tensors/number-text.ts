/**
 * Numbers between text and memory, exactly. Reading assumes that a Scanner has checked the grammar; writing gives text
 * that reads back as the same bits.
 */

/** Powers of ten that are exactly doubles. */
export const POWERS: readonly number[] = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Where the number last read by `readDouble` ended, and whether it had digits only: small integers, which cost no memory. */
let ended = 0;
let plain = false;

export function endOfNumber(): number {
  return ended;
}

/** Whether the number last read had neither point nor exponent, so that a double within 2^53 is exactly it. */
export function wasPlain(): boolean {
  return plain;
}

/**
 * The double nearest to the number at `at`. When its digits make an integer within 2^53 and its power of ten is within
 * 22, both are exact, so that one division or multiplication rounds correctly (Clinger 1990); otherwise the engine's own
 * reader does.
 */
export function readDouble(bytes: Buffer, at: number): number {
  const negative = bytes[at] === 0x2d;
  const first = negative ? at + 1 : at;
  const byte = bytes[first] ?? 0;
  if (byte > 0x39) return readWord(byte, negative, first);
  let mantissa = takeDigits(bytes, first, 0);
  let scale = 0;
  if (bytes[ended] === 0x2e) {
    const point = ended + 1;
    mantissa = takeDigits(bytes, point, mantissa);
    scale = point - ended;
  }
  plain = scale === 0;
  if (((bytes[ended] ?? 0) | 0x20) === 0x65) scale += takeExponent(bytes, ended + 1);
  const power = POWERS[Math.abs(scale)];
  if (mantissa > Number.MAX_SAFE_INTEGER || power === undefined)
    return Number(bytes.toString('latin1', at, ended));
  const size = scale < 0 ? mantissa / power : mantissa * power;
  return negative ? -size : size;
}

/** Goes on with a number by the digits at `from`. */
function takeDigits(bytes: Buffer, from: number, begun: number): number {
  let value = begun;
  let cursor = from;
  for (let byte = bytes[cursor] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[++cursor] ?? 0)
    // The digit first: added to more than it is, the sum would be rounded near 2^53.
    value = value * 10 + (byte - 0x30);
  ended = cursor;
  return value;
}

function takeExponent(bytes: Buffer, from: number): number {
  plain = false;
  let cursor = bytes[from] === 0x2d || bytes[from] === 0x2b ? from + 1 : from;
  for (let byte = bytes[cursor] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[++cursor] ?? 0);
  ended = cursor;
  return Number(bytes.toString('latin1', from, cursor));
}

/** `NaN`, `Infinity` or `-Infinity`. */
function readWord(first: number, negative: boolean, cursor: number): number {
  plain = false;
  ended = cursor + (first === 0x4e ? 3 : 8);
  if (first === 0x4e) return Number.NaN;
  return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Digits and zeros beyond these are no 64-bit integer's. */
const MOST_DIGITS = 40;

/**
 * The integer a number's text stands for, exactly, or undefined when it is not one: `12`, `1.0` and `1e3` are, `1.5` and
 * `NaN` are not. Exponents beyond 40 are no 64-bit integer and count as none, so that `1e999999999` costs nothing. Walks
 * the text once, since a client decides its length: a pattern that looks for trailing zeros starts again at every zero.
 */
export function exactInteger(text: string): bigint | undefined {
  const sign = text.startsWith('-') ? '-' : '';
  if (text.charCodeAt(sign.length) > 0x39) return undefined;
  const { first, last, point, end } = landmarks(text, sign.length);
  if (first === -1) return 0n;
  // How many places the last digit that counts stands before the ones' place.
  const power = Number(text.slice(end + 1)) + point - last - (last < point ? 1 : 0);
  if (power < 0 || power > MOST_DIGITS || last - first > MOST_DIGITS) return undefined;
  const significant = text.slice(first, last + 1).replace('.', '');
  return BigInt(`${sign}${significant}${'0'.repeat(power)}`);
}

/** Where a number has its first and last digit other than 0 (-1 without any), its point and the end of its digits. */
function landmarks(text: string, from: number): { first: number; last: number; point: number; end: number } {
  let first = -1;
  let last = -1;
  let point = -1;
  let end = from;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if ((code | 0x20) === 0x65) break;
    if (code === 0x2e) point = end;
    else if (code !== 0x30) {
      last = end;
      if (first === -1) first = end;
    }
  }
  return { first, last, point: point === -1 ? end : point, end };
}

/** A double's shortest text; floats keep a point or exponent, so that they are read as floats again. */
export function doubleText(value: number): string {
  if (!Number.isInteger(value)) return String(value);
  if (Object.is(value, -0)) return '-0.0';
  return Math.abs(value) < 1e21 ? `${value}.0` : String(value);
}

/**
 * A float32's text: integers within 2^53 exactly, so that readers of doubles see no other; anything else in at most nine
 * digits, the first of 7, 8 and 9 that round back to the same float32 (nine always do, IEEE 754-2019 §5.12.2).
 */
export function floatText(value: number): string {
  if (Number.isSafeInteger(value) || !Number.isFinite(value)) return doubleText(value);
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  for (let precision = 7; precision <= 9; precision++) {
    const power = POWERS[precision - 1 - magnitude];
    if (power === undefined) break;
    const short = Math.round(value * power) / power;
    if (Math.fround(short) === value) return String(short);
  }
  return farText(value);
}

/** Float32s under 1e-14 or beyond 2^53, where the loop above has no exact power of ten. */
function farText(value: number): string {
  for (let precision = 7; precision <= 9; precision++) {
    const short = Number(value.toPrecision(precision));
    if (Math.fround(short) === value) return doubleText(short);
  }
  return doubleText(value);
}
