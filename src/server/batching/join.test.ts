import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteStrings } from '../tensors/byte-strings.ts';
import type { Tensor } from '../tensors/tensor.ts';
import { batchKey, joinInputs, splitOutputs } from './join.ts';

function floats(shape: number[], values: number[]): Tensor {
  return { datatype: 'FP32', shape, data: Float32Array.from(values) };
}

/** Joined strings lie elsewhere in memory than they did alone. */
function shown(tensors: readonly Tensor[]): unknown {
  return tensors.map(({ shape, data }) => ({
    shape,
    data: data instanceof ByteStrings ? Array.from(data.starts, (_, index) => data.text(index)) : data,
  }));
}

test('joined rows come apart as they went in', () => {
  const rows = fc.array(
    fc.array(fc.tuple(fc.float({ noNaN: true }), fc.float({ noNaN: true })), { maxLength: 4 }),
    { minLength: 1, maxLength: 6 },
  );
  fc.assert(
    fc.property(rows, requests => {
      const tensors = requests.map(request => [
        floats([request.length, 2], request.flat()),
        { datatype: 'BYTES', shape: [request.length], data: ByteStrings.of(request.map(String)) } as const,
      ]);
      const parts = splitOutputs(
        joinInputs(tensors),
        requests.map(({ length }) => length),
      );
      assert.deepEqual(parts.map(shown), tensors.map(shown));
    }),
  );
});

test('an output with another number of rows than went in is refused', () => {
  assert.throws(() => splitOutputs([floats([1, 2], [1, 2])], [1, 1]), /1 rows where 2 went in/);
});

test('requests share a key when their rows have the same sizes', () => {
  assert.equal(batchKey([floats([1, 2], [1, 2])]), batchKey([floats([2, 2], [1, 2, 3, 4])]));
  assert.notEqual(batchKey([floats([1, 2], [1, 2])]), batchKey([floats([1, 1], [1])]));
});
