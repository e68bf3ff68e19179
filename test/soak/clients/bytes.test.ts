import assert from 'node:assert/strict';
import test from 'node:test';
import { fromBytes, toBytes } from './bytes.ts';

for (const { datatype, data, hex } of [
  { datatype: 'FP32', data: [1, -2], hex: '0000803f000000c0' },
  { datatype: 'INT64', data: [1, -1], hex: '0100000000000000ffffffffffffffff' },
  { datatype: 'BYTES', data: ['ab', '', 'é'], hex: '0200000061620000000002000000c3a9' },
] as const) {
  test(`${datatype} goes to bytes and back`, () => {
    const bytes = toBytes({ name: 'x', datatype, shape: [data.length], data });
    assert.equal(bytes.toString('hex'), hex);
    assert.deepEqual(fromBytes(datatype, bytes), data);
  });
  test(`${datatype} that is cut off is an error`, () => {
    assert.throws(() => fromBytes(datatype, Buffer.from(hex, 'hex').subarray(0, -1)), RangeError);
  });
}
