import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { ServedModel } from '../models/signature.ts';
import { ByteStrings } from '../tensors/byte-strings.ts';
import type { Tensor } from '../tensors/tensor.ts';
import { type PayloadLimits, payloadTexts } from './payload.ts';

const names = ['a', 'b'];

const model: ServedModel = {
  name: 'm',
  version: '1',
  platform: 'p',
  signature: {
    inputs: names.map(name => ({ name, datatype: 'FP32', shape: [-1] })),
    outputs: names.map(name => ({ name, datatype: 'FP32', shape: [-1] })),
    batched: true,
  },
};

function floats(...values: readonly number[]): Tensor {
  return { datatype: 'FP32', shape: [values.length], data: Float32Array.of(...values) };
}

function strings(...values: readonly (string | Buffer)[]): Tensor {
  return { datatype: 'BYTES', shape: [values.length], data: ByteStrings.of(values) };
}

interface Written {
  readonly name: string;
  readonly redacted?: true;
  readonly truncated?: true;
  readonly elements?: number;
  readonly data?: readonly unknown[];
}

function written(inputs: readonly Tensor[], limits: Partial<PayloadLimits> = {}): Written[] {
  const text = payloadTexts({ redact: [], maxBytes: 1000, ...limits }).inputs(model, { inputs, rows: 1 });
  return JSON.parse(text) as Written[];
}

test('tensors are written with their names, and what JSON has no number for as text', () => {
  const tensors = [floats(1, Number.NaN, Number.NEGATIVE_INFINITY), strings('é', '', Buffer.from([0xff]))];
  assert.deepEqual(written(tensors), [
    { name: 'a', datatype: 'FP32', shape: [3], data: [1, 'NaN', '-Infinity'] },
    { name: 'b', datatype: 'BYTES', shape: [3], data: ['é', '', { b64: '/w==' }] },
  ]);
  const exact: Tensor = { datatype: 'INT64', shape: [1], data: BigInt64Array.of(2n ** 62n + 1n) };
  assert.match(
    payloadTexts({ redact: [], maxBytes: 99 }).inputs(model, { inputs: [exact], rows: 1 }),
    /4611686018427387905/,
  );
  const half: Tensor = { datatype: 'FP16', shape: [1], data: Uint16Array.of(0x3c00) };
  assert.deepEqual(written([half])[0]?.data, [1]);
});

test('no record is longer than it may be, but for what says whose values it leaves out', () => {
  const many = fc.array(fc.float({ noNaN: true }), { maxLength: 3000 });
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 50 }), { maxLength: 50 });
  fc.assert(
    fc.property(many, texts, fc.integer({ min: 1, max: 5000 }), (numbers, words, maxBytes) => {
      const inputs = [floats(...numbers), strings(...words)];
      const text = payloadTexts({ redact: [], maxBytes }).inputs(model, { inputs, rows: 1 });
      assert.ok(text.length <= maxBytes + 250, `${text.length} of ${maxBytes}`);
      for (const [at, one] of (JSON.parse(text) as Written[]).entries()) {
        const whole = at === 0 ? numbers.length : words.length;
        assert.equal(one.truncated ?? false, (one.data?.length ?? 0) < whole);
        if (one.truncated) assert.equal(one.elements, whole);
      }
    }),
  );
});

test('a million numbers cost no more than those that are kept', () => {
  const huge: Tensor = { datatype: 'FP64', shape: [1e6], data: new Float64Array(1e6).fill(1 / 3) };
  const [first] = written([huge], { maxBytes: 200 });
  assert.deepEqual([first?.truncated, first?.elements], [true, 1e6]);
  assert.ok((first?.data?.length ?? 0) < 10);
});

/** Values that are nowhere else in a record. */
const secret = fc.integer({ min: 700_000, max: 799_999 });

test('a redacted value never appears, whichever way its name is written', () => {
  const redactions = fc.subarray(['a', 'b', '/inputs/a', '/inputs/b', '/outputs/a', '/outputs/b']);
  fc.assert(
    fc.property(redactions, fc.tuple(secret, secret), fc.boolean(), (redact, values, asText) => {
      const tensors = values.map(value => (asText ? strings(`x${value}x`) : floats(value)));
      const writers = payloadTexts({ redact, maxBytes: 1000 });
      const sides = {
        inputs: writers.inputs(model, { inputs: tensors, rows: 1 }),
        outputs: writers.outputs(model, tensors),
      };
      for (const [side, text] of Object.entries(sides))
        for (const [at, name] of names.entries()) {
          const hidden = redact.includes(name) || redact.includes(`/${side}/${name}`);
          const shows = text.includes(String(values[at]));
          // Two equal secrets show for each other.
          if (values[0] !== values[1]) assert.equal(shows, !hidden, `${side} ${name}: ${text}`);
        }
    }),
  );
});
