import assert from 'node:assert/strict';
import test from 'node:test';
import type { ServedModel } from '../../models/signature.ts';
import { valuesOf } from '../../protocols/fixtures/ask.ts';
import { predictTranslator } from '../../protocols/predict.ts';
import { inferTranslator } from '../../protocols/v2/infer.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { Tensor, TensorSpec } from '../../tensors/tensor.ts';
import { Translation } from './translation.ts';

function model(spec: TensorSpec): ServedModel {
  return {
    name: 'm',
    version: '1',
    platform: 'test',
    signature: { inputs: [spec], outputs: [{ ...spec, name: 'y' }], batched: true },
  };
}

const floats = model({ name: 'x', datatype: 'FP32', shape: [-1, -1] });
const strings = model({ name: 'x', datatype: 'BYTES', shape: [-1] });
const COUNT = 60_000;

function body(data: readonly (number | string)[], datatype: string, shape: readonly number[]): Buffer {
  return Buffer.from(JSON.stringify({ id: '7', inputs: [{ name: 'x', datatype, shape, data }] }));
}

function text(pieces: string | readonly (string | Uint8Array)[]): string {
  return typeof pieces === 'string'
    ? pieces
    : Buffer.concat(pieces.map(piece => Buffer.from(piece))).toString();
}

const cases: readonly { name: string; served: ServedModel; bytes: () => Buffer }[] = [
  {
    name: 'numbers',
    served: floats,
    bytes: () =>
      body(
        Array.from({ length: COUNT }, (_, index) => index / 7),
        'FP32',
        [2, COUNT / 2],
      ),
  },
  {
    name: 'strings',
    served: strings,
    bytes: () =>
      body(
        Array.from({ length: COUNT }, (_, index) => `é${index}\u0000`),
        'BYTES',
        [COUNT],
      ),
  },
];
for (const { name, served, bytes } of cases) {
  test(`a large body of ${name} is read, and its answer worded, elsewhere and just as here`, async t => {
    const translation = new Translation();
    t.after(() => translation.close());
    const far = translation.of(inferTranslator);
    const here = inferTranslator.decode({ bytes: bytes(), headers: {} }, served);
    const decoding = far.decode({ bytes: bytes(), headers: {} }, served);
    assert(decoding instanceof Promise);
    const there = await decoding;
    assert.deepEqual(there.request.inputs.map(valuesOf), here.request.inputs.map(valuesOf));
    assert.deepEqual(there.form, here.form);
    const answered = { model: served, outputs: there.request.inputs, seconds: 0 };
    const expected = text(
      inferTranslator.answer(here.form, { ...answered, outputs: here.request.inputs }).body,
    );
    const wording = far.answer(there.form, answered);
    assert(wording instanceof Promise);
    assert.equal(text((await wording).body), expected);
  });
}

test('what is small is done here', t => {
  const translation = new Translation();
  t.after(() => translation.close());
  const far = translation.of(predictTranslator);
  const decoded = far.decode({ bytes: Buffer.from('{"inputs": [[1]]}'), headers: {} }, floats);
  assert(!(decoded instanceof Promise));
  const outputs: Tensor[] = [{ datatype: 'FP32', shape: [1, 1], data: Float32Array.of(1) }];
  assert(!(far.answer(decoded.form, { model: floats, outputs, seconds: 0 }) instanceof Promise));
});

test('a view is sent as what it shows, not as all of the memory behind it', async t => {
  const translation = new Translation();
  t.after(() => translation.close());
  const all = new Float32Array(4 * COUNT).fill(1);
  const outputs: Tensor[] = [{ datatype: 'FP32', shape: [1, COUNT], data: all.subarray(COUNT, 2 * COUNT) }];
  const reply = await translation
    .of(inferTranslator)
    .answer({ outputs: [{ position: 0, binary: false }] }, { model: floats, outputs, seconds: 0 });
  assert.equal(
    (JSON.parse(text(reply.body)) as { outputs: { data: unknown[] }[] }).outputs[0]?.data.length,
    COUNT,
  );
  assert.equal(all.length, 4 * COUNT);
});

test('a fault found elsewhere is the fault it would have been here', async t => {
  const translation = new Translation();
  t.after(() => translation.close());
  const bytes = body([...Array.from({ length: COUNT }, () => 1.25), 'x'], 'FP32', [1, COUNT + 1]);
  const decoding = translation.of(inferTranslator).decode({ bytes, headers: {} }, floats);
  await assert.rejects(async () => decoding, { code: 'input_invalid', message: /element \[60000\] is "x"/ });
});

test('strings that are no text cannot be worded elsewhere either', async t => {
  const translation = new Translation();
  t.after(() => translation.close());
  const data = ByteStrings.of(Array.from({ length: COUNT }, () => Buffer.alloc(16, 0xff)));
  const outputs: Tensor[] = [{ datatype: 'BYTES', shape: [COUNT], data }];
  const wording = translation
    .of(predictTranslator)
    .answer({ rows: COUNT }, { model: strings, outputs, seconds: 0 });
  await assert.rejects(async () => wording, { code: 'output_not_text' });
});
