/**
 * The most usual tensor there is, a list or a matrix of short decimal numbers, measured and read in one pass: half of the time
 * that reading a small request takes. Everything else is left to the general readers, which also say what is wrong.
 */
import { POWERS } from './number-text.ts';

export interface PlainNumbers {
  readonly end: number;
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Numbers of one tensor, at most: what turns out not to be plain is read a second time. */
const MOST_NUMBERS = 4096;

/** Digits of one number, at most: an integer of these is exactly a double, and so is its power of ten. */
const MOST_DIGITS = 15;

const values = new Float64Array(MOST_NUMBERS);
let count = 0;
let at = 0;

/** The numbers at `start` of a JSON text. Undefined when they are not plain: nothing is said of them then. */
export function plainNumbers(bytes: Buffer, start: number): PlainNumbers | undefined {
  if (bytes[start] !== 0x5b) return undefined;
  at = start + 1;
  count = 0;
  const shape = spaced(bytes) === 0x5b ? matrix(bytes) : list(bytes);
  if (shape === undefined) return undefined;
  return { end: at, shape, values: values.subarray(0, count) };
}

/** From the first `[` of a row on. */
function matrix(bytes: Buffer): number[] | undefined {
  let rows = 0;
  let columns = -1;
  for (;;) {
    if (spaced(bytes) !== 0x5b) return undefined;
    at++;
    const row = list(bytes);
    if (row === undefined) return undefined;
    const [size = 0] = row;
    if (columns !== -1 && columns !== size) return undefined;
    columns = size;
    rows++;
    const next = spaced(bytes);
    at++;
    if (next === 0x5d) return [rows, columns];
    if (next !== 0x2c) return undefined;
  }
}

/** From the first number on, and past the `]`. */
function list(bytes: Buffer): number[] | undefined {
  const before = count;
  for (;;) {
    if (count === MOST_NUMBERS || !number(bytes, spaced(bytes))) return undefined;
    const next = spaced(bytes);
    at++;
    if (next === 0x5d) return [count - before];
    if (next !== 0x2c) return undefined;
  }
}

/** Takes a number that begins with `first`; false when it is none, or not a plain one. */
function number(bytes: Buffer, first: number): boolean {
  const negative = first === 0x2d;
  if (negative) at++;
  const begin = at;
  let value = digits(bytes, 0);
  let decimals = 0;
  const whole = at - begin;
  // JSON has no leading zeros.
  if (whole === 0 || (whole > 1 && bytes[begin] === 0x30)) return false;
  if (bytes[at] === 0x2e) {
    const point = ++at;
    value = digits(bytes, value);
    decimals = at - point;
    if (decimals === 0) return false;
  }
  if (whole + decimals > MOST_DIGITS) return false;
  const size = decimals === 0 ? value : value / (POWERS[decimals] as number);
  values[count++] = negative ? -size : size;
  return true;
}

function digits(bytes: Buffer, begun: number): number {
  let value = begun;
  for (let byte = bytes[at] ?? 0; byte >= 0x30 && byte <= 0x39; byte = bytes[++at] ?? 0)
    value = value * 10 + (byte - 0x30);
  return value;
}

/** The next byte that is no white space; 0 at the end. */
function spaced(bytes: Buffer): number {
  let byte = bytes[at] ?? 0;
  while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++at] ?? 0;
  return byte;
}
