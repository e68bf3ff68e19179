/** Tensors as bytes: OIP/V2's binary form, which gRPC's raw contents share. */
import type { Values } from './question.ts';

export function toBytes({ datatype, data }: Values): Buffer {
  if (datatype === 'FP32') return Buffer.from(Float32Array.from(data as readonly number[]).buffer);
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

/** Throws a RangeError for bytes that end in the middle of an element. */
export function fromBytes(datatype: Values['datatype'], bytes: Buffer): (number | string)[] {
  if (datatype === 'BYTES') return strings(bytes);
  const size = datatype === 'FP32' ? 4 : 8;
  if (bytes.length % size !== 0) throw new RangeError(`${bytes.length} bytes are no ${datatype}`);
  return Array.from({ length: bytes.length / size }, (_, index) =>
    datatype === 'FP32' ? bytes.readFloatLE(index * size) : Number(bytes.readBigInt64LE(index * size)),
  );
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
