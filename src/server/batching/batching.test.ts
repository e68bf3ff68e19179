import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ByteStrings } from '../tensors/byte-strings.ts';
import type { Tensor } from '../tensors/tensor.ts';
import { batchKey, joinInputs, splitOutputs } from './join.ts';
import { take, type Waiting } from './take.ts';

const waiting = fc.record({
  key: fc.constantFrom('a', 'b'),
  rows: fc.integer({ min: 0, max: 9 }),
  deadline: fc.constantFrom(5, 15),
});
const queues = fc.array(waiting, { maxLength: 20 });
const limits = fc.integer({ min: 1, max: 12 });
const now = 10;

test('nothing is lost, doubled or reordered', () => {
  fc.assert(
    fc.property(queues, limits, (queue, maxRows) => {
      const { batch, late, rest } = take(queue, maxRows, now);
      const place = (one: Waiting): number => queue.indexOf(one as (typeof queue)[number]);
      for (const list of [batch, late, rest])
        assert.deepEqual(
          list.map(place),
          list.map(place).toSorted((a, b) => a - b),
        );
      assert.deepEqual(
        [...batch, ...late, ...rest].map(place).toSorted((a, b) => a - b),
        [...queue.keys()],
      );
    }),
  );
});

test('a batch has one key, and more rows than allowed only for a request that has them alone', () => {
  fc.assert(
    fc.property(queues, limits, (queue, maxRows) => {
      const { batch } = take(queue, maxRows, now);
      assert(new Set(batch.map(({ key }) => key)).size <= 1);
      assert(batch.length === 1 || batch.reduce((sum, { rows }) => sum + rows, 0) <= maxRows);
    }),
  );
});

test('the oldest that is not late always runs; exactly those past their deadline are late', () => {
  fc.assert(
    fc.property(queues, limits, (queue, maxRows) => {
      const { batch, late } = take(queue, maxRows, now);
      const inTime = queue.filter(({ deadline }) => deadline >= now);
      assert.equal(batch[0], inTime[0]);
      assert.deepEqual(
        late,
        queue.filter(({ deadline }) => deadline < now),
      );
    }),
  );
});

test('a later request never overtakes one of its own key', () => {
  const queue = [5, 6, 1].map(rows => ({ key: 'a', rows, deadline: 15 }));
  assert.deepEqual(take(queue, 8, now).batch, queue.slice(0, 1));
});

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
