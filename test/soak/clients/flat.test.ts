import assert from 'node:assert/strict';
import test from 'node:test';
import { flat, nested } from './flat.ts';

const values = { name: 'x', datatype: 'FP32', data: [1, 2, 3, 4] } as const;

test('rows are lists within a list', () => {
  assert.deepEqual(nested({ ...values, shape: [2, 2] }), [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(nested({ ...values, shape: [4] }), [1, 2, 3, 4]);
});

test('what was nested is flat again', () => {
  assert.deepEqual(flat(nested({ ...values, shape: [2, 2] })), values.data);
  assert.deepEqual(flat([[['a'], ['b']]]), ['a', 'b']);
});
