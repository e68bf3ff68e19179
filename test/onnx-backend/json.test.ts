import assert from 'node:assert/strict';
import test from 'node:test';
import { flatText, nestedText, rawOfJson } from './json.ts';
import type { RawTensor } from './tensor.ts';

function floats(shape: readonly number[], ...values: readonly number[]): RawTensor {
  return { name: 'x', datatype: 'FP32', shape, raw: Buffer.from(Float32Array.from(values).buffer) };
}

const nested: readonly { shape: readonly number[]; values: readonly number[]; text: string }[] = [
  { shape: [], values: [1], text: '[1]' },
  { shape: [2], values: [1, 2], text: '[1,2]' },
  { shape: [2, 3], values: [1, 2, 3, 4, 5, 6], text: '[[1,2,3],[4,5,6]]' },
  { shape: [2, 1, 2], values: [1, 2, 3, 4], text: '[[[1,2]],[[3,4]]]' },
  { shape: [0, 3], values: [], text: '[]' },
  { shape: [3, 0], values: [], text: '[[],[],[]]' },
];
for (const { shape, values, text } of nested) {
  test(`a tensor of the shape [${shape.join()}] is ${text}`, () => {
    assert.equal(nestedText(floats(shape, ...values)), text);
  });
}

test('numbers keep their signs, and words for what JSON has no numbers for', () => {
  assert.equal(flatText(floats([4], -0, Infinity, -Infinity, Number.NaN)), '[-0.0,Infinity,-Infinity,NaN]');
});

test('values that are not of the datatype are no answer', () => {
  assert.throws(() => rawOfJson('FP32', ['1']), /a string, is no FP32/);
  assert.throws(() => rawOfJson('BOOL', [1]), /a number, is no BOOL/);
  assert.throws(() => rawOfJson('BYTES', [1]), /a number, is no BYTES/);
  assert.throws(() => rawOfJson('INT8', [200]), /200 is no INT8/);
  assert.throws(() => rawOfJson('INT32', [1.5]), /1\.5 is no INT32/);
});
