import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { elementTypes, identityModel, modelFile, onnxModel } from '../../fixtures/onnx-file.ts';
import { readHeader } from '../../runtimes/onnx/header.ts';
import { tree } from '../fixtures/tree.ts';
import { headerOf } from './header.ts';

/** As the runtime reads it, all at once. */
function whole(bytes: Buffer): ReturnType<typeof readHeader> {
  return readHeader({
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  });
}

const weights = Object.fromEntries(
  Array.from({ length: 200 }, (_, index) => [
    `w${index}`,
    Array.from({ length: 40 * (index % 90) }, () => 1),
  ]),
);

const models: Readonly<Record<string, Buffer>> = {
  'without weights': identityModel(elementTypes.FP32, ['rows', 4]),
  'with weights': identityModel(elementTypes.INT64, ['rows', 4], weights),
  'whose weights are inputs too': onnxModel({
    weights: { w: [1, 2] },
    inputs: [
      { name: 'x', type: elementTypes.FP32, shape: [2] },
      { name: 'w', type: elementTypes.FP32, shape: [2] },
    ],
    outputs: [{ name: 'y', type: elementTypes.FP32, shape: undefined }],
    nodes: Array.from({ length: 5000 }, (_, index) => ({
      op: 'Add',
      inputs: [index === 0 ? 'x' : `n${index}`, 'w'],
      outputs: [index === 4999 ? 'y' : `n${index + 1}`],
    })),
  }),
};

for (const [what, bytes] of Object.entries(models))
  test(`the header of a model ${what} is what the whole file says`, async t => {
    const expected = whole(bytes);
    assert.ok(expected.ok);
    assert.deepEqual(await headerOf(modelFile(t, bytes)), expected);
  });

test('of any bytes it says what the whole file says, or what is wrong', async t => {
  const path = join(tree(t, {}), 'model.onnx');
  const small = identityModel(elementTypes.FP32, ['rows', 4], { w: [1, 2, 3] });
  const edits = fc.array(
    fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) }),
    {
      maxLength: 3,
    },
  );
  await fc.assert(
    fc.asyncProperty(edits, async changes => {
      const bytes = [...small];
      for (const { at, remove, insert } of changes) bytes.splice(at % (bytes.length + 1), remove, ...insert);
      const buffer = Buffer.from(bytes);
      writeFileSync(path, buffer);
      const header = await headerOf(path);
      const expected = whole(buffer);
      if (expected.ok) assert.deepEqual(header, expected);
      else if (!header.ok) assert.match(header.error, /^(?:is not a valid ONNX model|cannot be served): /);
    }),
  );
});

test('a file that is not there is said to be unreadable', async () => {
  const header = await headerOf('/nowhere/model.onnx');
  assert.ok(!header.ok && header.error.startsWith('cannot be read: '));
});
