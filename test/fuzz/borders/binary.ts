/** Tensors as raw bytes: those that are taken come out as the same bytes. */
import assert from 'node:assert/strict';
import { readStringList } from '../../../src/server/protocols/tfserving/string-list.ts';
import { rawBytes, readRaw } from '../../../src/server/tensors/raw.ts';
import { datatypes, isDatatype } from '../../../src/server/tensors/tensor.ts';
import { type Border, refusal } from '../border.ts';
import { rawTensor } from '../make/raw.ts';
import { countOf, NASTY_SIZES } from '../make/shapes.ts';
import { mutate } from '../mutate.ts';
import type { Random } from '../random.ts';
import { checkCount } from './bodies.ts';

/** A head is the datatype, the offset in memory, and the sizes of the shape; `strings` stands for TensorFlow's own form. */
export const binary: Border = {
  name: 'binary',
  make(random) {
    const shape = random.list(random.size(4), () => random.below(5));
    const datatype = random.pick(datatypes);
    if (random.chance(0.1))
      return { head: `strings 0 ${shape.join(' ')}`, body: stringList(countOf(shape), random) };
    return { head: headOf(datatype, shape, random), body: rawTensor(datatype, countOf(shape), random) };
  },
  change(known, other, random) {
    const [datatype = '', , ...sizes] = known.head.split(' ');
    const shape = sizes.map(Number);
    if (random.chance(0.1))
      shape.splice(random.below(shape.length + 1), random.below(2), random.pick(NASTY_SIZES));
    const body = mutate(known.body, random, {
      tokens: [Buffer.alloc(4), Buffer.alloc(4, 0xff)],
      other: other.body,
    });
    return { head: headOf(datatype, shape, random), body };
  },
  take({ head, body }) {
    const [datatype, offset, ...sizes] = head.split(' ');
    const shape = sizes.map(Number);
    // Where bytes lie decides whether they are viewed or copied.
    const bytes = Buffer.concat([Buffer.alloc(Number(offset)), body]).subarray(Number(offset));
    try {
      return `${datatype} ${read(datatype, bytes, shape)} in ${Math.min(shape.length, 4)} dimensions`;
    } catch (error: unknown) {
      return `${datatype} ${refusal(error)}`;
    }
  },
};

function headOf(datatype: string, shape: readonly number[], random: Random): string {
  return [datatype, random.below(16), ...shape].join(' ');
}

function read(datatype: string | undefined, bytes: Buffer, shape: readonly number[]): string {
  const reading = { name: 'x', shape, at: [] };
  if (datatype === 'strings') {
    const data = readStringList(bytes, { ...reading, datatype: 'BYTES' });
    checkCount(shape, data.length);
    return 'strings';
  }
  assert(isDatatype(datatype), `'${datatype}' is no datatype`);
  const data = readRaw(bytes, { ...reading, datatype });
  checkCount(shape, data.length);
  assert(rawBytes({ datatype, shape, data }).equals(bytes), 'it comes out as other bytes');
  return data.length === 0 ? 'nothing' : 'elements';
}

function stringList(count: number, random: Random): Buffer {
  const strings = random.list(count, () => random.bytes(random.size(200)));
  const lengths = strings.map(({ length }) =>
    Buffer.from(length < 128 ? [length] : [(length & 127) | 128, length >> 7]),
  );
  return Buffer.concat([...lengths, ...strings]);
}
