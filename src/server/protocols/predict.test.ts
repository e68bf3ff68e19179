import assert from 'node:assert/strict';
import test from 'node:test';
import type { ServedModel } from '../models/signature.ts';
import type { Tensor, TensorSpec } from '../tensors/tensor.ts';
import { type Asked, ask, textOf } from './fixtures/ask.ts';
import { predict } from './predict.ts';

const pairs: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, 2] };

function model(signature: Partial<ServedModel['signature']> = {}): ServedModel {
  const outputs = [
    { ...pairs, name: 'y' },
    { ...pairs, name: 'z' },
  ];
  return {
    name: 'm',
    version: '1',
    platform: 'test',
    signature: { inputs: [pairs], outputs, batched: true, ...signature },
  };
}

function decode(served: ServedModel, body: string): Asked {
  return ask(predict, '/predict', { body, model: served });
}

/** The predictions of an answer to two rows. */
function predictions(served: ServedModel, outputs: readonly Tensor[]): unknown {
  const { answer } = decode(served, '{"inputs": [[1, 2], [3, 4]]}');
  return (JSON.parse(textOf(answer(outputs))) as { predictions: unknown }).predictions;
}

function rows(count: number): Tensor {
  const data = Float32Array.from({ length: count * 2 }, (_, index) => index);
  return { datatype: 'FP32', shape: [count, 2], data };
}

const two = [
  [0, 1],
  [2, 3],
];

test('several outputs with a row for each that was asked are one object a row', () => {
  assert.deepEqual(predictions(model(), [rows(2), rows(2)]), [
    { y: two[0], z: two[0] },
    { y: two[1], z: two[1] },
  ]);
});

const odd: readonly { name: string; z: Tensor; expected: unknown }[] = [
  { name: 'more rows', z: rows(3), expected: [...two, [4, 5]] },
  { name: 'fewer rows', z: rows(1), expected: [two[0]] },
  { name: 'no rows', z: rows(0), expected: [] },
  { name: 'no dimension', z: { datatype: 'FP32', shape: [], data: Float32Array.of(7) }, expected: 7 },
];
for (const { name, z, expected } of odd) {
  test(`an output of ${name} than were asked makes the answer one object, since no row of it is anyone's`, () => {
    assert.deepEqual(predictions(model(), [rows(2), z]), { y: two, z: expected });
    assert.deepEqual(predictions(model(), [z, rows(2)]), { y: expected, z: two });
  });
}

test('without batches, several outputs are one object, whatever their sizes', () => {
  assert.deepEqual(predictions(model({ batched: false }), [rows(2), rows(2)]), { y: two, z: two });
});

const refused: readonly { name: string; inputs?: readonly TensorSpec[]; body: string; says: string }[] = [
  {
    name: 'a list for a model without inputs',
    inputs: [],
    body: '{"inputs": [1]}',
    says: `model 'm' has no inputs: send {"inputs": {}}`,
  },
  {
    name: 'a list for a model with several',
    inputs: [pairs, { ...pairs, name: 'w' }],
    body: '{"inputs": [1]}',
    says: `model 'm' has several inputs: send {"inputs": {"x": …, "w": …}}`,
  },
  {
    name: 'a row without its list, and says how to mend it',
    body: '{"inputs": [1, 2]}',
    says: "input 'x' wants 2 dimensions and has 1; wrap one row in a list: [ … ]",
  },
  {
    name: 'an empty list, with no advice to wrap it',
    body: '{"inputs": []}',
    says: "input 'x' wants 2 dimensions and has 1",
  },
];
for (const { name, inputs = [pairs], body, says } of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(() => decode(model({ inputs }), body), { code: 'input_invalid', message: says });
  });
}

test('a model without inputs answers an empty object of them', () => {
  assert.deepEqual(decode(model({ inputs: [], batched: false }), '{"inputs": {}}').request.inputs, []);
});
