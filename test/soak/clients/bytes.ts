/** Tensors as bytes: OIP/V2's binary form, which gRPC's raw contents share. */
import type { Values } from './question.ts';

export function toBytes({
  datatype,
  data,
}: Omit<Values, 'datatype'> & { readonly datatype: string }): Buffer {
  if (datatype === 'FP32') return Buffer.from(Float32Array.from(data as readonly number[]).buffer);
  if (datatype === 'FP64') return Buffer.from(Float64Array.from(data as readonly number[]).buffer);
  if (datatype === 'INT64') return Buffer.from(BigInt64Array.from(data.map(BigInt)).buffer);
  return Buffer.concat(
    data.flatMap(text => {
      const bytes = Buffer.from(String(text));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** Of numbers: the bytes of each, and how they are read. */
const readers: Readonly<
  Record<string, readonly [size: number, read: (bytes: Buffer, at: number) => number]>
> = {
  FP32: [4, (bytes, at) => bytes.readFloatLE(at)],
  FP64: [8, (bytes, at) => bytes.readDoubleLE(at)],
  INT64: [8, (bytes, at) => Number(bytes.readBigInt64LE(at))],
};

/** Throws a RangeError for bytes that end in the middle of an element, and for another datatype. */
export function fromBytes(datatype: string, bytes: Buffer): (number | string)[] {
  if (datatype === 'BYTES') return strings(bytes);
  const [size, read] = readers[datatype] ?? [];
  if (size === undefined || read === undefined || bytes.length % size !== 0)
    throw new RangeError(`${bytes.length} bytes are no ${datatype}`);
  return Array.from({ length: bytes.length / size }, (_, index) => read(bytes, index * size));
}

function strings(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) throw new RangeError('a string goes on behind the end');
    found.push(bytes.toString('utf8', at + 4, end));
    at = end;
  }
  return found;
}
