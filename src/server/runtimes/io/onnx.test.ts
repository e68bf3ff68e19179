import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import {
  identityModel,
  message,
  modelFile,
  modelOf,
  onnxModel,
  text,
  varintField,
} from '../../fixtures/onnx-file.ts';
import { slowModel } from '../../fixtures/slow-model.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { onnxRuntime } from './onnx.ts';

const identity = identityModel(1, ['N']);

function row(...values: number[]): Tensor {
  return { datatype: 'FP32', shape: [1, values.length], data: Float32Array.from(values) };
}

test("what ONNX Runtime says of a failure is one line without its source's paths", async t => {
  const sum = onnxModel({
    inputs: [
      { name: 'a', type: 1, shape: ['N', 's'] },
      { name: 'b', type: 1, shape: ['N', 't'] },
    ],
    outputs: [{ name: 'y', type: 1, shape: ['N', 'u'] }],
    nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['y'] }],
  });
  const model = await onnxRuntime.load(modelFile(t, sum), { threads: 1, provider: 'cpu' });
  t.after(() => model.close());
  await assert.rejects(model.run([row(1, 2), row(1, 2, 3)]), {
    code: 'inference_failed',
    message: /^(?!.*onnxruntime_src).*Attempting to broadcast an axis .* 2 by 3$/,
  });
});

test('an input may be named as a property that every object has', async t => {
  const bytes = onnxModel({
    inputs: ['__proto__', 'constructor'].map(name => ({ name, type: 1, shape: ['N'] })),
    outputs: [{ name: 'y', type: 1, shape: ['N'] }],
    nodes: [{ op: 'Add', inputs: ['__proto__', 'constructor'], outputs: ['y'] }],
  });
  const model = await onnxRuntime.load(modelFile(t, bytes), { threads: 1, provider: 'cpu' });
  t.after(() => model.close());
  const one = (value: number): Tensor => ({ datatype: 'FP32', shape: [1], data: Float32Array.of(value) });
  const [y] = await model.run([one(2), one(3)]);
  assert.deepEqual(y?.data, Float32Array.of(5));
});

for (const place of ['inline', 'threads'] as const) {
  test(`what a run took, ${place}, is no more than the wait for it`, async t => {
    const options = { threads: 1, provider: 'cpu', instances: 1, notice: () => {} } as const;
    const path = modelFile(t, slowModel(1, 100));
    const loading =
      place === 'inline' ? onnxRuntime.load(path, options) : onnxRuntime.beside.spawn(path, options);
    const model = await loading;
    assert(model !== undefined);
    t.after(() => model.close());
    const since = performance.now();
    await model.run([{ datatype: 'FP32', shape: [1, 100], data: new Float32Array(100) }]);
    const waited = performance.now() - since;
    const { lastMs = 0 } = model;
    assert(lastMs > 0 && lastMs <= waited, `${lastMs} of ${waited} ms`);
  });
}

for (const provider of ['cuda', 'tensorrt', 'openvino', 'coreml'] as const) {
  test(`without ${provider} a model does not run, and nothing is said on stderr`, async t => {
    const program = `
      import { onnxRuntime } from ${JSON.stringify(new URL('./onnx.ts', import.meta.url).href)};
      const options = { threads: 1, provider: ${JSON.stringify(provider)}, instances: 1, notice: () => {} };
      for (const load of [onnxRuntime.load, onnxRuntime.beside.spawn])
        await load(process.argv[1], options).catch(error => console.log(error.code, error.message));`;
    const args = ['--conditions=source', '-e', program, modelFile(t, identity)];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    if (!stdout.startsWith('provider_missing')) {
      t.skip(`this ONNX Runtime has ${provider}`);
      return;
    }
    const line = `provider_missing ONNX Runtime cannot run by the provider '${provider}' here: [^\\n]+ \\(built with [\\w, ]*cpu[\\w, ]*\\)\\n`;
    assert.match(stdout, new RegExp(`^(?:${line}){2}$`));
    assert.equal(stderr, '');
  });
}

test('what a model weighs is its file and those beside it that hold its weights', async t => {
  const data = (file: string): Buffer => message(13, Buffer.concat([text(1, 'location'), text(2, file)]));
  const weight = (name: string, file: string): Buffer =>
    message(
      5,
      Buffer.concat([varintField(1, 4), varintField(2, 1), text(8, name), data(file), varintField(14, 1)]),
    );
  const value = (name: string): Buffer => {
    const shape = message(2, message(1, varintField(1, 4)));
    return Buffer.concat([text(1, name), message(2, message(1, Buffer.concat([varintField(1, 1), shape])))]);
  };
  const bytes = modelOf([
    text(2, 'g'),
    weight('a', 'weights.bin'),
    weight('b', 'weights.bin'),
    weight('c', 'gone.bin'),
    message(11, value('x')),
    message(12, value('y')),
  ]);
  const path = modelFile(t, bytes);
  writeFileSync(join(dirname(path), 'weights.bin'), Buffer.alloc(5000));
  assert.equal(await onnxRuntime.beside.weigh(path), bytes.length + 5000);
});
