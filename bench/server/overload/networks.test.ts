import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { convolutionModel, denseModel } from './networks.ts';

const rows = [1, 3];
const pixels = Float32Array.from({ length: 3 * 64 }, (_, index) => index % 17);

for (const { name, bytes } of [
  { name: 'dense', bytes: denseModel(32, 3) },
  { name: 'convolution', bytes: convolutionModel(8, 3) },
]) {
  test(`the ${name} model runs, and a row's answer does not depend on its batch`, async t => {
    const session = await InferenceSession.create(bytes);
    t.after(() => session.release());
    const answers = await Promise.all(
      rows.map(async count => {
        const x = new Tensor('float32', pixels.subarray(0, count * 64), [count, 64]);
        const { y } = await session.run({ x });
        assert.deepEqual(y?.dims, [count, 10]);
        return [...(y.data as Float32Array)].slice(0, 10);
      }),
    );
    const [alone = [], together = []] = answers;
    assert.ok(alone.every((value, index) => Math.abs(value - (together[index] ?? 0)) < 1e-3));
    assert.ok(
      new Set(alone).size > 1 && alone.every(value => Number.isFinite(value) && Math.abs(value) < 1e4),
    );
  });
}
