/**
 * Repeated numbers, read into typed arrays. They come packed, one after another behind one length, or each as a field of
 * its own; a reader has to take both, mixed, and in several parts. They are counted before room is made for them.
 */
import { type FieldReader, type PropertyWriter, type Target, tagOf } from './fields.ts';
import { double, float, int32, int64, type Kind, uint32, uint64 } from './kinds.ts';
import { FIXED64, LENGTH, type Reader, VARINT } from './reader.ts';
import type { NumberArray, NumberScalar } from './schema.ts';
import { type Sizes, sizeOfVarint, type Writer } from './writer.ts';

type Element = number | bigint;

interface ArrayType {
  new (length: number): NumberArray;
  new (buffer: ArrayBuffer, offset: number, length: number): NumberArray;
}

interface Form {
  readonly type: ArrayType;
  /** What a field that is not there holds; shared, since it has no elements to change. */
  readonly empty: NumberArray;
  readonly element: Kind<Element>;
}

function form<E extends Element>(type: ArrayType, element: Kind<E>): Form {
  return { type, empty: new type(0), element };
}

/** Protobuf cuts a field of one number to 32 bits; an element of a tensor is never wrapped. */
const exactInt32: Kind<number> = {
  ...int32,
  read: reader => {
    const value = reader.varint() | 0;
    if (reader.high !== value >> 31) reader.fail('a repeated number does not fit 32 bits');
    return value;
  },
};

const exactUint32: Kind<number> = {
  ...uint32,
  read: reader => {
    const value = reader.varint() >>> 0;
    if (reader.high !== 0) reader.fail('a repeated number does not fit 32 bits');
    return value;
  },
};

const flag: Kind<number> = {
  ...uint32,
  read: reader => ((reader.varint() | reader.high) === 0 ? 0 : 1),
  size: () => 1,
  write: (value, writer) => writer.varint(value === 0 ? 0 : 1),
};

const forms: Readonly<Record<NumberScalar, Form>> = {
  double: form(Float64Array, double),
  float: form(Float32Array, float),
  int32: form(Int32Array, exactInt32),
  uint32: form(Uint32Array, exactUint32),
  int64: form(BigInt64Array, int64),
  uint64: form(BigUint64Array, uint64),
  bool: form(Uint8Array, flag),
};

export function isNumber(content: unknown): content is NumberScalar {
  return typeof content === 'string' && content in forms;
}

export class Numbers implements FieldReader, PropertyWriter {
  readonly name: string;
  readonly #form: Form;
  readonly #tag: number;
  /** Bytes of an element; 0 where they differ. */
  readonly #width: number;

  constructor(name: string, number: number, content: NumberScalar) {
    this.name = name;
    this.#form = forms[content];
    this.#tag = tagOf(number, LENGTH);
    const { wire } = this.#form.element;
    this.#width = wire === VARINT ? 0 : wire === FIXED64 ? 8 : 4;
  }

  initial(): NumberArray {
    return this.#form.empty;
  }

  read(reader: Reader, tag: number, target: Target): void {
    const array = target[this.name] as NumberArray;
    if (tag !== this.#tag) target[this.name] = this.#unpacked(reader, tag, array);
    else if (this.#width > 0) target[this.name] = this.#fixed(reader, array);
    else target[this.name] = this.#varints(reader, array);
  }

  /** Copies, since a message's bytes lie at any offset and an array's must not. */
  #fixed(reader: Reader, before: NumberArray): NumberArray {
    const end = reader.part();
    const bytes = reader.bytes.subarray(reader.at, end);
    if (bytes.length % this.#width !== 0) reader.fail(`${this.name} is not of whole numbers`);
    const array = extended(this.#form, before, bytes.length / this.#width);
    bytesOf(array).set(bytes, before.length * this.#width);
    reader.at = end;
    return array;
  }

  #varints(reader: Reader, before: NumberArray): NumberArray {
    const end = reader.part();
    const array = extended(this.#form, before, countVarints(reader.bytes, reader.at, end));
    for (let index = before.length; index < array.length; index++)
      array[index] = this.#form.element.read(reader);
    // A last number that does not end has gone on behind the array, or has not been counted.
    if (reader.at !== end) reader.fail('a number is cut short', end);
    return array;
  }

  /** Takes a run of fields with one tag at once: room made for each alone would be made again and again. */
  #unpacked(reader: Reader, tag: number, before: NumberArray): NumberArray {
    const { element } = this.#form;
    reader.expect(element.wire, tag, this.name);
    reader.countPart();
    const start = reader.at;
    let count = 0;
    do {
      reader.skip(tag);
      count++;
    } while (takesTag(reader, tag));
    const end = reader.at;
    reader.at = start;
    const array = extended(this.#form, before, count);
    for (let index = before.length; index < array.length; index++) {
      array[index] = element.read(reader);
      if (reader.at < end) reader.tag();
    }
    return array;
  }

  size(value: unknown, sizes: Sizes): number {
    const array = value as ArrayLike<Element>;
    if (array.length === 0) return 0;
    let size = this.#width * array.length;
    if (this.#width === 0)
      for (let index = 0; index < array.length; index++)
        size += this.#form.element.size(array[index] ?? 0, sizes);
    return sizeOfVarint(this.#tag) + sizes.note(size);
  }

  write(value: unknown, writer: Writer): void {
    const array = value as ArrayLike<Element>;
    if (array.length === 0) return;
    writer.varint(this.#tag);
    writer.length();
    if (this.#width > 0 && array instanceof this.#form.type) writer.raw(bytesOf(array));
    else
      for (let index = 0; index < array.length; index++) this.#form.element.write(array[index] ?? 0, writer);
  }
}

/** Whether the next field has the same tag, which is then taken. */
function takesTag(reader: Reader, tag: number): boolean {
  if (reader.at >= reader.end) return false;
  const start = reader.at;
  if (reader.tag() === tag) return true;
  reader.at = start;
  return false;
}

/** Varints that end in a range. */
function countVarints(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let cursor = start; cursor < end; cursor++) if ((bytes[cursor] ?? 0) < 0x80) count++;
  return count;
}

/**
 * The array with room for `more` elements. Where an array has to grow again its memory doubles, so that many small parts
 * cost no more than one large one; most arrays come whole, and have just the room they need.
 */
function extended({ type }: Form, array: NumberArray, more: number): NumberArray {
  const length = array.length + more;
  if (array.length === 0) return new type(length);
  if (length * array.BYTES_PER_ELEMENT <= array.buffer.byteLength) return new type(array.buffer, 0, length);
  const grown = new type(Math.max(length, 2 * array.length));
  bytesOf(grown).set(bytesOf(array));
  return new type(grown.buffer, 0, length);
}

/** An array's memory, which is little-endian wherever ONNX Runtime runs, as numbers on the wire are. */
function bytesOf(array: NumberArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
