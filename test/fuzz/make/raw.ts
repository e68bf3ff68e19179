import { elementSizes, PREFIX } from '../../../src/server/tensors/raw.ts';
import type { Datatype } from '../../../src/server/tensors/tensor.ts';
import type { Random } from '../random.ts';

/** The bytes of so many elements. */
export function rawTensor(datatype: Datatype, count: number, random: Random): Buffer {
  if (datatype !== 'BYTES') {
    const bytes = random.bytes(count * elementSizes[datatype]);
    return datatype === 'BOOL' ? (bytes.map(byte => byte & 1) as Buffer) : bytes;
  }
  return Buffer.concat(
    random.list(count, () => {
      const element = random.chance(0.7) ? Buffer.from('text') : random.bytes(random.size(20));
      const prefix = Buffer.alloc(PREFIX);
      prefix.writeUInt32LE(random.chance(0.99) ? element.length : random.pick([2 ** 32 - 1, 2 ** 31, 5]));
      return Buffer.concat([prefix, element]);
    }),
  );
}
