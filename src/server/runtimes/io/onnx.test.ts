import assert from 'node:assert/strict';
import test from 'node:test';
import { modelFile, onnxModel } from '../../fixtures/onnx-file.ts';
import type { Tensor } from '../../tensors/tensor.ts';
import { onnxRuntime } from './onnx.ts';

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
