import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { elementTypes, identityModel, modelFile } from '../../fixtures/onnx-file.ts';
import { onnxRuntime } from '../../runtimes/io/onnx.ts';
import type { WarmupInput } from '../warmup-sample.ts';
import { runSamples } from './warmup.ts';

async function warm(t: TestContext, input: Partial<WarmupInput>, count = 1): Promise<number[][]> {
  const path = modelFile(t, identityModel(elementTypes.FP32, ['N', 2]));
  const model = await onnxRuntime.load(path, { threads: 1, provider: 'cpu' });
  t.after(() => model.close());
  const asked: number[][] = [];
  const watched = {
    ...model,
    run: (inputs: Parameters<typeof model.run>[0]) => {
      asked.push(Array.from(inputs[0]?.data as Float32Array));
      return model.run(inputs);
    },
  };
  const served = { name: 'm', version: '1', platform: 'test', signature: model.signature };
  const usual: WarmupInput = { name: 'x', datatype: 'FP32', shape: [1, 2], data: 'zero' };
  await runSamples(watched, served, [{ name: 's', count, inputs: [{ ...usual, ...input }] }]);
  return asked;
}

test('a sample is run as often as it says', async t => {
  assert.deepEqual(
    await warm(t, { shape: [2, 2] }, 3),
    Array.from({ length: 3 }, () => [0, 0, 0, 0]),
  );
});

test('made-up numbers are the same each time, and not all alike', async t => {
  const [first, second] = await warm(t, { data: 'random' }, 2);
  assert.deepEqual(first, second);
  assert.notEqual(first?.[0], first?.[1]);
});

test('a file holds the elements as they are sent in binary', async t => {
  const file = join(dirname(modelFile(t, Buffer.alloc(1))), 'x.bin');
  writeFileSync(file, Buffer.from(Float32Array.of(1.5, -2).buffer));
  assert.deepEqual(await warm(t, { data: { file } }), [[1.5, -2]]);
});

const faults: readonly { title: string; input: Partial<WarmupInput>; problem: RegExp }[] = [
  {
    title: 'an input that the model does not have',
    input: { name: 'z' },
    problem: /unexpected inference input 'z'/,
  },
  { title: 'another datatype', input: { datatype: 'INT32' }, problem: /data-type is 'INT32'/ },
  { title: 'another shape', input: { shape: [1, 3] }, problem: /unexpected shape/ },
  { title: 'a file that is not there', input: { data: { file: '/nowhere/x' } }, problem: /ENOENT/ },
];

for (const { title, input, problem } of faults)
  test(`a sample with ${title} fails, and says so`, async t => {
    await assert.rejects(warm(t, input), { code: 'warmup_failed', message: problem });
  });
