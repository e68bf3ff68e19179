import assert from 'node:assert/strict';
import test from 'node:test';
import { HiddenNames } from './hidden-names.ts';

const tensors = (...names: string[]) => names.map(name => ({ name, datatype: 'FP32' as const, shape: [-1] }));

const model = (input: string, output: string) => ({
  signature: { inputs: tensors(input), outputs: tensors(output), batched: true },
});

test('a name is hidden on both sides, or on the one that it tells', () => {
  const hidden = new HiddenNames(['both', '/inputs/in', '/outputs/out']);
  const found = (['inputs', 'outputs'] as const).map(side =>
    ['both', 'in', 'out'].map(name => hidden.has(side, name)),
  );
  assert.deepEqual(found, [
    [true, true, false],
    [true, false, true],
  ]);
});

test('what no model has is told of once, and what one of them has is not', () => {
  const hidden = new HiddenNames(['x', '/outputs/x', '/inputs/z', 'ssn']);
  assert.deepEqual(hidden.idle([model('x', 'y'), model('z', 'y')]), ['/outputs/x', 'ssn']);
  assert.deepEqual(hidden.idle([model('x', 'y')]), ['/inputs/z'], 'its model has gone');
  assert.deepEqual(hidden.idle([model('a', 'b')]), ['x']);
  assert.deepEqual(hidden.idle([model('a', 'b')]), []);
});
