/** How one value of each scalar type is read and written, its length included where it has one. */
import { failure } from '#base';
import { FIXED32, FIXED64, LENGTH, type Reader, VARINT, type WireType } from './reader.ts';
import type { Scalar } from './schema.ts';
import { type Sizes, sizeOfText, sizeOfVarint, sizeOfVarint64, type Writer } from './writer.ts';

export interface Kind<T> {
  readonly wire: WireType;
  /** What a field that is not there holds. */
  initial(): T;
  /** Whether proto3 leaves the value out of a field of its own. */
  isInitial(value: T): boolean;
  /** Reads one behind its tag; a message is read into the one its field already holds. */
  read(reader: Reader, before?: T): T;
  size(value: T, sizes: Sizes): number;
  write(value: T, writer: Writer): void;
}

const words = new Int32Array(2);
const signed = new BigInt64Array(words.buffer);
const unsigned = new BigUint64Array(words.buffer);
const EMPTY = Buffer.alloc(0);

/** A number that its field cannot hold is a fault of ours: nothing is wrapped or cut off in silence. */
function unfit(value: number | bigint, type: string): never {
  throw failure('internal', { problem: `${value} is no ${type}` });
}

/** An exact zero: -0 is another value, and is written. */
const isZero = (value: number): boolean => value === 0 && !Object.is(value, -0);

export const double: Kind<number> = {
  wire: FIXED64,
  initial: () => 0,
  isInitial: isZero,
  read: reader => reader.double(),
  size: () => 8,
  write: (value, writer) => writer.double(value),
};

export const float: Kind<number> = {
  wire: FIXED32,
  initial: () => 0,
  isInitial: isZero,
  read: reader => reader.float(),
  size: () => 4,
  write: (value, writer) => writer.float(value),
};

/** Reading keeps the lower 32 bits, as protobuf has it for a field of its own. A negative number takes ten bytes. */
export const int32: Kind<number> = {
  wire: VARINT,
  initial: () => 0,
  isInitial: value => value === 0,
  read: reader => reader.varint() | 0,
  size: value => {
    if ((value | 0) !== value) unfit(value, 'int32');
    return value < 0 ? 10 : sizeOfVarint(value);
  },
  write: (value, writer) => writer.varint64(value, value >> 31),
};

export const uint32: Kind<number> = {
  wire: VARINT,
  initial: () => 0,
  isInitial: value => value === 0,
  read: reader => reader.varint() >>> 0,
  size: value => {
    if (value >>> 0 !== value) unfit(value, 'uint32');
    return sizeOfVarint(value);
  },
  write: (value, writer) => writer.varint(value),
};

export const int64: Kind<bigint> = {
  wire: VARINT,
  initial: () => 0n,
  isInitial: value => value === 0n,
  read: reader => reader.int64(),
  size: value => {
    signed[0] = value;
    if (signed[0] !== value) unfit(value, 'int64');
    return sizeOfVarint64(words[0] ?? 0, words[1] ?? 0);
  },
  write: (value, writer) => {
    signed[0] = value;
    writer.varint64(words[0] ?? 0, words[1] ?? 0);
  },
};

export const uint64: Kind<bigint> = {
  wire: VARINT,
  initial: () => 0n,
  isInitial: value => value === 0n,
  read: reader => reader.uint64(),
  size: value => {
    unsigned[0] = value;
    if (unsigned[0] !== value) unfit(value, 'uint64');
    return sizeOfVarint64(words[0] ?? 0, words[1] ?? 0);
  },
  write: (value, writer) => {
    unsigned[0] = value;
    writer.varint64(words[0] ?? 0, words[1] ?? 0);
  },
};

const bool: Kind<boolean> = {
  wire: VARINT,
  initial: () => false,
  isInitial: value => !value,
  // Any of the 64 bits makes it true.
  read: reader => (reader.varint() | reader.high) !== 0,
  size: () => 1,
  write: (value, writer) => writer.varint(value ? 1 : 0),
};

const string: Kind<string> = {
  wire: LENGTH,
  initial: () => '',
  isInitial: value => value === '',
  read: reader => reader.text(),
  size: (value, sizes) => sizes.note(sizeOfText(value)),
  write: (value, writer) => writer.text(value),
};

const bytes: Kind<Uint8Array> = {
  wire: LENGTH,
  initial: () => EMPTY,
  isInitial: value => value.length === 0,
  read: reader => reader.view(),
  size: ({ length }, sizes) => {
    if (length >= sizes.apartFrom) sizes.apart += length;
    return sizeOfVarint(length) + length;
  },
  write: (value, writer) => writer.bytes(value),
};

export const scalars: Readonly<Record<Scalar, Kind<unknown>>> = {
  double,
  float,
  int32,
  uint32,
  int64,
  uint64,
  bool,
  string,
  bytes,
};
