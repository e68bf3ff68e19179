/** Tensors as the tests hold them: their bytes in OIP/V2's binary form, which every other form is made from. */

/** OIP/V2's datatypes, and the array that holds each; FP16 by its bits, BYTES apart. */
const arrays = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

export type Fixed = keyof typeof arrays;
export type Datatype = Fixed | 'BYTES';
export type Elements = InstanceType<(typeof arrays)[Fixed]>;

export interface RawTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** Little-endian elements in row-major order; of BYTES each behind its length in four bytes. */
  readonly raw: Buffer;
}

/** Elements of a datatype in an array of their own. */
export function arrayOf(datatype: Fixed, raw: Buffer): Elements {
  const own = new Uint8Array(raw);
  return new arrays[datatype](own.buffer);
}

/** Puts numbers in the array of their datatype. Throws where one does not fit. */
export function rawOf(datatype: Fixed, values: readonly (number | bigint | boolean)[]): Buffer {
  const array: { [index: number]: number | bigint } & Elements = new arrays[datatype](values.length);
  const isWide = datatype === 'INT64' || datatype === 'UINT64';
  for (const [index, value] of values.entries()) {
    const wanted = isWide ? BigInt(value) : Number(value);
    array[index] = wanted;
    if (!datatype.startsWith('FP') && array[index] !== wanted)
      throw new RangeError(`${String(value)} is no ${datatype}`);
  }
  return Buffer.from(array.buffer);
}

/** The elements of a BYTES tensor. */
export function stringsOf(raw: Buffer): Buffer[] {
  const strings: Buffer[] = [];
  for (let at = 0; at < raw.length; ) {
    const end = at + 4 + raw.readUInt32LE(at);
    strings.push(raw.subarray(at + 4, end));
    at = end;
  }
  return strings;
}

export function rawOfStrings(strings: readonly Buffer[]): Buffer {
  const parts = strings.flatMap(bytes => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(parts);
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}
