import { type PlainNumbers, plainNumbers } from './plain-numbers.ts';
import { MOST_DEPTH, type Scanner } from './scanner.ts';
import { allocate } from './tensor.ts';

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
  /** The elements themselves, where they were plain numbers. */
  readonly values?: Float64Array;
}

/** Takes the value at the scanner, a nest of arrays around elements or one element, and measures it. */
export function measureTensor(scanner: Scanner): TensorText {
  scanner.peek();
  const start = scanner.at;
  const plain = plainNumbers(scanner.bytes, start);
  if (plain !== undefined) return plainText(scanner, start, plain);
  nesting.begin();
  do {
    const byte = scanner.peek();
    if (byte === 0x5b) nesting.open(scanner);
    else nesting.leaf(scanner, byte);
  } while (nesting.another(scanner));
  const { count, shape, ragged } = nesting.result();
  return { start, end: scanner.at, count, shape, ragged };
}

function plainText(scanner: Scanner, start: number, { end, shape, values }: PlainNumbers): TensorText {
  scanner.at = end;
  const kept = allocate('FP64', values.length) as Float64Array;
  kept.set(values);
  return { start, end, count: kept.length, shape, ragged: undefined, values: kept };
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

  leaf(scanner: Scanner, byte: number): void {
    if (byte === 0x7b) scanner.skip();
    else scanner.skipLeaf(byte);
    this.#opened = false;
    this.#count++;
    const first = this.#leaves === -1;
    if (first) this.#leaves = this.#depth;
    // Before the first element only empty lists can have closed: if any was on this level, there is no shape either.
    const isAlone = first ? this.#sizes.length <= this.#depth : this.#depth === this.#leaves;
    if (!isAlone) this.#ragged ??= 'an element stands where a list was expected';
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
