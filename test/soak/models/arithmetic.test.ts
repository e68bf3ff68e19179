import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { onnxRuntime } from '#server';
import { modelFile } from '../../../src/server/fixtures/onnx-file.ts';
import { chained, LOOKUP_TABLE, WIDTH } from './arithmetic.ts';
import { chain, lookup, scale } from './onnx.ts';

async function run(t: TestContext, bytes: Buffer, input: Parameters<typeof tensorOf>[0]): Promise<number[]> {
  const model = await onnxRuntime.load(modelFile(t, bytes), { threads: 1, provider: 'cpu' });
  t.after(() => model.close());
  const [output] = await model.run([tensorOf(input)]);
  return Array.from(output?.data as Float32Array);
}

function tensorOf({ shape, data }: { shape: number[]; data: Float32Array | BigInt64Array }) {
  return { datatype: data instanceof Float32Array ? 'FP32' : 'INT64', shape, data } as const;
}

test('the chain moves numbers to where the arithmetic says', async t => {
  const rows = Array.from({ length: 3 * WIDTH }, (_, at) => at - 100);
  const answer = await run(t, chain(), { shape: [3, WIDTH], data: Float32Array.from(rows) });
  assert.deepEqual(answer, chained(rows));
  assert.notDeepEqual(answer, rows);
});

test('the table is looked up', async t => {
  const answer = await run(t, lookup(), { shape: [4], data: BigInt64Array.from([3n, 2n, 1n, 0n]) });
  assert.deepEqual(answer, LOOKUP_TABLE.toReversed());
});

test('the factor is in the file', async t => {
  assert.deepEqual(await run(t, scale(3), { shape: [1, 3], data: Float32Array.of(1, 2, -4) }), [3, 6, -12]);
});
