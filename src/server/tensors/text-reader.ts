import { failure, type Place } from '#base';
import { base64At, decodeBase64, endOfString } from './base64.ts';
import { toHalf } from './half.ts';
import { endOfNumber, exactInteger, readDouble, wasPlain } from './number-text.ts';
import { MOST_DEPTH, type Scanner } from './scanner.ts';
import { allocate, type Datatype, elementCount, type TensorData } from './tensor.ts';

/** A tensor's text, measured but not read: what it holds is known before anything is allocated for it. */
export interface TensorText {
  readonly start: number;
  readonly end: number;
  /** Elements. */
  readonly count: number;
  /** The sizes its nesting gives; empty for a bare element. */
  readonly shape: readonly number[];
  /** Why the nesting is no shape, if it is none. */
  readonly ragged: string | undefined;
}

/** Takes the value at the scanner, a nest of arrays around elements or one element, and measures it. */
export function measureTensor(scanner: Scanner): TensorText {
  scanner.peek();
  const start = scanner.at;
  nesting.begin();
  do {
    const byte = scanner.peek();
    if (byte === 0x5b) nesting.open(scanner);
    else nesting.leaf(scanner, byte);
  } while (nesting.another(scanner));
  const { count, shape, ragged } = nesting.result();
  return { start, end: scanner.at, count, shape, ragged };
}

/** Counts what the arrays of a tensor hold, level by level. One serves for all, since a body may hold a tensor a row. */
class Nesting {
  #depth = 0;
  #count = 0;
  /** Elements so far in the open array of each level. */
  readonly #open: number[] = [];
  /** The size that arrays of each level have; the first one closed decides. */
  readonly #sizes: number[] = [];
  /** The level of the elements; -1 until the first. */
  #leaves = -1;
  #ragged: string | undefined;
  /** Whether the value just taken was the `[` of an array that may close at once. */
  #opened = false;

  begin(): void {
    this.#depth = 0;
    this.#count = 0;
    this.#sizes.length = 0;
    this.#leaves = -1;
    this.#ragged = undefined;
    this.#opened = false;
  }

  open(scanner: Scanner): void {
    if (this.#depth === MOST_DEPTH) scanner.fail(`the nesting is deeper than ${MOST_DEPTH}`);
    if (this.#depth === this.#leaves) this.#ragged ??= 'a list stands where an element was expected';
    scanner.at++;
    this.#open[this.#depth++] = 0;
    this.#opened = true;
  }

  leaf(scanner: Scanner, first: number): void {
    if (first === 0x7b) scanner.skip();
    else scanner.skipLeaf(first);
    this.#opened = false;
    this.#count++;
    if (this.#leaves === -1) this.#leaves = this.#depth;
    else if (this.#depth !== this.#leaves) this.#ragged ??= 'an element stands where a list was expected';
  }

  /** Takes commas and closing brackets; says whether another value follows. */
  another(scanner: Scanner): boolean {
    if (this.#opened) {
      if (scanner.peek() !== 0x5d) return true;
      this.#close(scanner);
    }
    while (this.#depth > 0) {
      const level = this.#depth - 1;
      this.#open[level] = (this.#open[level] ?? 0) + 1;
      const byte = scanner.peek();
      if (byte === 0x2c) {
        scanner.at++;
        return true;
      }
      if (byte !== 0x5d) scanner.fail(byte === -1 ? 'the text ends inside a list' : ', or ] was expected');
      this.#close(scanner);
    }
    return false;
  }

  #close(scanner: Scanner): void {
    scanner.at++;
    this.#opened = false;
    const level = --this.#depth;
    const size = this.#open[level] ?? 0;
    const expected = this.#sizes[level];
    if (expected === undefined) this.#sizes[level] = size;
    else if (expected !== size)
      this.#ragged ??= `a list holds ${size} where the first such list holds ${expected}`;
  }

  result(): Pick<TensorText, 'count' | 'shape' | 'ragged'> {
    const shape = this.#sizes.slice(0, this.#leaves === -1 ? undefined : this.#leaves);
    return { count: this.#count, shape, ragged: this.#ragged };
  }
}

const nesting = new Nesting();

/** What a tensor's text is to become. */
export interface Reading {
  readonly datatype: Datatype;
  /** Where the text stands in the body, for messages. */
  readonly at: Place;
  /** What the tensor is called in messages. */
  readonly name: string;
  /** Whether strings may be TensorFlow Serving's `{"b64": "…"}` too. */
  readonly base64?: boolean;
}

/** Reads measured text into memory of its own. */
export function readTensor(bytes: Buffer, text: TensorText, reading: Reading): TensorData {
  const data = allocate(reading.datatype, text.count);
  fillTensor({ bytes, text, reading, data, offset: 0 });
  return data;
}

interface Filling {
  readonly bytes: Buffer;
  readonly text: TensorText;
  readonly reading: Reading;
  readonly data: TensorData;
  /** The element of `data` that the text's first element becomes. */
  readonly offset: number;
}

/** Reads measured text into part of a tensor's memory. */
export function fillTensor(filling: Filling): void {
  const { bytes, text, reading, data, offset } = filling;
  const read = acceptsBase64(reading) ? textOrBase64 : readers[reading.datatype];
  let at = text.start;
  for (let index = 0; index < text.count; index++) {
    at = firstOfElement(bytes, at);
    if (!read(bytes, at, data, offset + index)) throw wrongElement(filling, at, index);
    at = isNumberByte(bytes[at] ?? 0) ? endOfNumber() : endOfElement(bytes, at);
  }
}

/** Skips brackets, commas and white space; the grammar has been checked. */
function firstOfElement(bytes: Buffer, at: number): number {
  let cursor = at;
  for (;;) {
    const byte = bytes[cursor] ?? 0;
    const between = byte <= 0x20 || byte === 0x2c || byte === 0x5b || byte === 0x5d;
    if (!between) return cursor;
    cursor++;
  }
}

/** The end of any element, whatever the datatype makes of it. */
function endOfElement(bytes: Buffer, at: number): number {
  if (bytes[at] === 0x22) return endOfString(bytes, at);
  if (bytes[at] === 0x7b) return base64At(bytes, at)?.end ?? at + 1;
  let cursor = at;
  while (cursor < bytes.length && !delimiters.includes(bytes[cursor] ?? 0)) cursor++;
  return cursor;
}

const delimiters = Buffer.from(' \t\r\n,[]{}');

/** Digits, a sign, or the first letter of NaN or Infinity. */
function isNumberByte(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x4e || byte === 0x49;
}

/** Reads the element at `at` into `data[index]`; false when it is not one of the datatype. */
type ElementReader = (bytes: Buffer, at: number, data: TensorData, index: number) => boolean;

/** A finite number that the datatype rounds to an infinity is refused: whoever means one writes Infinity. */
const float =
  (round: (value: number) => number): ElementReader =>
  (bytes, at, data, index) => {
    if (!isNumberByte(bytes[at] ?? 0)) return false;
    const value = readDouble(bytes, at);
    data[index] = value;
    return Number.isFinite(round(value)) || isWord(bytes, at);
  };

const half: ElementReader = (bytes, at, data, index) => {
  if (!isNumberByte(bytes[at] ?? 0)) return false;
  const value = readDouble(bytes, at);
  data[index] = toHalf(value);
  return Math.abs(value) < 65520 || isWord(bytes, at);
};

const integer =
  (least: number, most: number): ElementReader =>
  (bytes, at, data, index) => {
    if (!isNumberByte(bytes[at] ?? 0)) return false;
    const value = readDouble(bytes, at);
    if (!(value >= least && value <= most)) return false;
    data[index] = value;
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
    data[index] = value;
    return true;
  };

const boolean: ElementReader = (bytes, at, data, index) => {
  const first = bytes[at];
  data[index] = first === 0x74 ? 1 : 0;
  return first === 0x74 || first === 0x66;
};

/** Lone surrogates are refused: they have no UTF-8, so the model would see another string than was sent. */
const text: ElementReader = (bytes, at, data, index) => {
  if (bytes[at] !== 0x22) return false;
  const value = JSON.parse(bytes.toString('utf8', at, endOfString(bytes, at))) as string;
  data[index] = value;
  return value.isWellFormed();
};

const textOrBase64: ElementReader = (bytes, at, data, index) => {
  if (bytes[at] !== 0x7b) return text(bytes, at, data, index);
  const object = base64At(bytes, at);
  const value = object === undefined ? undefined : decodeBase64(object.encoded);
  data[index] = value ?? '';
  return value !== undefined;
};

function acceptsBase64({ datatype, base64 = false }: Reading): boolean {
  return base64 && datatype === 'BYTES';
}

const readers: Readonly<Record<Datatype, ElementReader>> = {
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

const wanted: Readonly<Partial<Record<Datatype, string>>> = {
  BOOL: 'true or false',
  BYTES: 'a string of valid Unicode',
  FP16: 'a number that fits FP16',
  FP32: 'a number that fits FP32',
  FP64: 'a number that fits FP64',
};

const textOrBase64Wanted = 'a string of valid Unicode, or {"b64": "…"} with the padded base64 of UTF-8 text';

function wrongElement({ bytes, text: measured, reading, offset }: Filling, at: number, index: number): Error {
  const { datatype, name, at: place } = reading;
  const end = endOfElement(bytes, at);
  const quoted = bytes.toString('utf8', at, Math.min(end, at + 40));
  const wants = acceptsBase64(reading)
    ? textOrBase64Wanted
    : (wanted[datatype] ?? `an integer that fits ${datatype}`);
  const nested = measured.ragged === undefined && elementCount(measured.shape) === measured.count;
  const indices = nested ? unravel(index, measured.shape) : [offset + index];
  return failure('input_invalid', {
    problem: `input '${name}' wants ${wants}; element [${indices.join(',')}] is ${quoted}`,
    at: [...place, ...indices],
    kind: 'type_error',
  });
}

/** The indices of the element at a row-major offset. */
function unravel(offset: number, shape: readonly number[]): number[] {
  let rest = offset;
  const indices = shape.toReversed().map(size => {
    const index = rest % size;
    rest = Math.floor(rest / size);
    return index;
  });
  return indices.toReversed();
}
