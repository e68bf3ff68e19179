/**
 * Tensors as their bytes: little-endian, row-major, BOOL one byte of 0 or 1, BYTES each element behind its length in
 * four bytes. OIP/V2's binary extension, its gRPC contents and TensorFlow's `tensor_content` share this form.
 */
import { invalid } from '../models/signature.ts';
import { ByteStrings } from './byte-strings.ts';
import { shown } from './shown.ts';
import { allocate, type Datatype, elementCount, shapeText, type Tensor, type TensorData } from './tensor.ts';

/** Bytes of one element; BYTES has no fixed number. */
export const elementSizes: Readonly<Record<Exclude<Datatype, 'BYTES'>, 1 | 2 | 4 | 8>> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
};

/** Bytes of a vector register, and what allocators of memory align to at least. */
const FLOAT_ALIGNMENT = 16;

/** Bytes before each element of BYTES: its length. */
export const PREFIX = 4;

/** What raw bytes are to become. */
export interface RawReading {
  /** The input's name, for messages. */
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** The model's name, for messages. */
  readonly model?: string;
  /** Where it stands in the request, for messages. */
  readonly at: readonly (string | number)[];
}

/** Bytes that a shape of a fixed-size datatype takes, exact or beyond anything a message can have. */
function byteCount(datatype: Exclude<Datatype, 'BYTES'>, shape: readonly number[]): number {
  return elementCount(shape) * elementSizes[datatype];
}

/** The elements that bytes hold: a view of them where memory allows. Throws `input_invalid` when they are not as many. */
export function readRaw(bytes: Buffer, reading: RawReading): TensorData {
  const { datatype, shape, name, model, at } = reading;
  if (datatype === 'BYTES') return readStrings(bytes, reading);
  const expected = byteCount(datatype, shape);
  if (expected !== bytes.length)
    throw invalid(
      expected > Number.MAX_SAFE_INTEGER
        ? `the shape ${shapeText(shape)} of input '${shown(name)}' exceeds any tensor's byte size`
        : `input byte size mismatch for input '${shown(name)}'${model === undefined ? '' : ` for model '${model}'`}. Expected ${expected}, got ${bytes.length}`,
      at,
    );
  const data = view(datatype, bytes);
  if (datatype === 'BOOL') checkBooleans(bytes, reading);
  return data;
}

/**
 * Typed arrays must begin at a multiple of their element's size, which a message's parts do by chance. Floats begin at a
 * multiple of what one instruction adds up: from elsewhere, a runtime sums in another order, and the last bit of an answer
 * would tell where in memory the question lay.
 */
function view(datatype: Exclude<Datatype, 'BYTES'>, bytes: Buffer): TensorData {
  const size = elementSizes[datatype];
  const own = allocate(datatype, 0) as Exclude<TensorData, ByteStrings>;
  const make = own.constructor as new (
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ) => Exclude<TensorData, ByteStrings>;
  const alignment = datatype.startsWith('FP') ? FLOAT_ALIGNMENT : size;
  if (bytes.byteOffset % alignment === 0)
    return new make(bytes.buffer, bytes.byteOffset, bytes.length / size);
  const copy = new Uint8Array(bytes);
  return new make(copy.buffer, 0, bytes.length / size);
}

function checkBooleans(bytes: Buffer, { name, at }: RawReading): void {
  const odd = bytes.findIndex(byte => byte > 1);
  if (odd !== -1)
    throw invalid(
      `input '${shown(name)}' wants 0 or 1 for each BOOL; element ${odd} is ${bytes[odd] ?? 0}`,
      at,
    );
}

/** Finds the elements first: nothing is allocated for more of them than the bytes hold. */
function readStrings(bytes: Buffer, { name, shape, at }: RawReading): ByteStrings {
  const expected = elementCount(shape);
  if (expected * PREFIX > bytes.length)
    throw invalid(
      `expected ${expected} string elements for inference input '${shown(name)}', which ${bytes.length} bytes cannot hold`,
      at,
    );
  const starts = new Uint32Array(expected);
  const ends = new Uint32Array(expected);
  let cursor = 0;
  for (let index = 0; index < expected; index++) {
    const start = cursor + PREFIX;
    const end = start > bytes.length ? start : start + bytes.readUInt32LE(cursor);
    if (end > bytes.length)
      throw invalid(
        `incomplete string data for inference input '${shown(name)}': element ${index} of ${expected} ends behind the ${bytes.length} bytes there are`,
        at,
      );
    starts[index] = start;
    ends[index] = end;
    cursor = end;
  }
  if (cursor === bytes.length) return new ByteStrings(bytes, starts, ends);
  throw invalid(
    `unexpected number of string elements for inference input '${shown(name)}': ${bytes.length - cursor} bytes follow the ${expected} elements of its shape`,
    at,
  );
}

/** A tensor's bytes; a view of its memory but for BYTES. */
export function rawBytes({ data }: Tensor): Buffer {
  if (!(data instanceof ByteStrings)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const bytes = Buffer.allocUnsafe(data.byteSize + PREFIX * data.length);
  let cursor = 0;
  for (let index = 0; index < data.length; index++) {
    const element = data.at(index);
    cursor = bytes.writeUInt32LE(element.length, cursor);
    cursor += element.copy(bytes, cursor);
  }
  return bytes;
}
