import assert from 'node:assert/strict';
import test from 'node:test';
import type { LoadedModel } from '../runtimes/port.ts';
import type { Tensor, TensorSpec } from '../tensors/tensor.ts';
import { warmUp } from './warm.ts';

type Run = (input: Tensor) => Tensor;

function model(run: Run, input: Partial<TensorSpec> = {}, batched = true): LoadedModel {
  const spec: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, 2], ...input };
  return {
    place: 'inline',
    width: 1,
    signature: { inputs: [spec], outputs: [{ ...spec, name: 'y' }], batched },
    run: async ([given]) => (given === undefined ? [] : [run(given)]),
    close: async () => {},
  };
}

const echo: Run = input => input;
const failing: Run = () => {
  throw new Error('never works');
};

/** Subtracts the largest element of the whole batch, as a model that normalises over its batch does. */
const overBatch: Run = ({ datatype, shape, data }) => {
  const values = Array.from(data as Float32Array);
  return { datatype, shape, data: Float32Array.from(values, value => value - Math.max(...values)) };
};

test('a model whose rows are independent is batched', async () => {
  assert.deepEqual(await warmUp(model(echo)), { batched: true, shapes: [[1, 2]] });
});

test('a model that looks at the whole batch is not, and says why', async () => {
  assert.deepEqual(await warmUp(model(overBatch)), {
    batched: false,
    because: "a row's answer depends on the rows beside it",
    shapes: [[1, 2]],
  });
});

test('a model that answers one row for many is not batched', async () => {
  const first: Run = ({ datatype, data }) => ({
    datatype,
    shape: [1, 2],
    data: (data as Float32Array).subarray(0, 2),
  });
  assert.equal((await warmUp(model(first))).batched, false);
});

test('indices that may only be zero do not keep a model from being batched', async () => {
  const embedding: Run = input => {
    if (Array.from(input.data as BigInt64Array).some(index => index > 0n))
      throw new Error('index out of range');
    return input;
  };
  assert.deepEqual(await warmUp(model(embedding, { datatype: 'INT64' })), {
    batched: true,
    shapes: [[1, 2]],
  });
});

test('sizes are tried until a free dimension suits', async () => {
  const pooled: Run = input => ((input.shape[1] ?? 0) < 64 ? failing(input) : input);
  assert.deepEqual(await warmUp(model(pooled, { shape: [-1, -1] })), { batched: true, shapes: [[1, 64]] });
});

test('ranks are tried until one suits a model that does not say its own', async () => {
  const matrix: Run = input => (input.shape.length === 2 ? input : failing(input));
  const any = { shape: [-1], unknownRank: true } as const;
  assert.deepEqual(await warmUp(model(matrix, any, false)), { batched: false, shapes: [[1, 1]] });
});

test('a model that fails on every size is not batched, and says what it failed with first', async () => {
  let runs = 0;
  const picky: Run = () => {
    throw new Error(`never works ${runs++}`);
  };
  assert.deepEqual(await warmUp(model(picky, { shape: [-1, -1] })), {
    batched: false,
    failed: 'never works 0',
    shapes: [[1, 1]],
  });
});

test('sizes that would fill the memory are not tried', async () => {
  const volumes = { shape: [-1, -1, -1, -1, -1], datatype: 'UINT8' } as const;
  let most = 0;
  const counted: Run = input => {
    most = Math.max(most, input.data.length);
    return failing(input);
  };
  await warmUp(model(counted, volumes));
  assert.equal(most, 64 ** 4);
});

test('a model without a batch dimension runs once', async () => {
  let runs = 0;
  const counted: Run = input => (runs++, input);
  assert.deepEqual(await warmUp(model(counted, { shape: [2] }, false)), { batched: false, shapes: [[2]] });
  assert.equal(runs, 1);
});
