import assert from 'node:assert/strict';
import test from 'node:test';
import { AppError, asAppError } from '#base';
import { Directory } from '../../models/directory.ts';
import type { ServedModel } from '../../models/signature.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { Tensor, TensorSpec } from '../../tensors/tensor.ts';
import { type Asked, ask, textOf, valuesOf } from '../fixtures/ask.ts';
import type { Reply } from '../port.ts';
import { tfserving } from './routes.ts';

const strings: TensorSpec = { name: 'x', datatype: 'BYTES', shape: [-1] };

function model(outputs: readonly string[] = ['y'], input = strings): ServedModel {
  return {
    name: 'm',
    version: '1',
    platform: 'test',
    signature: { inputs: [input], outputs: outputs.map(name => ({ ...strings, name })), batched: true },
  };
}

function answer(method: 'GET' | 'POST', path: string): Reply | undefined {
  const models = new Directory<ServedModel>([model()]);
  models.serve(model());
  const action = tfserving.route(path)[method];
  try {
    return action?.kind === 'answer' ? action.reply(models) : undefined;
  } catch (error: unknown) {
    assert(error instanceof AppError);
    return tfserving.error(error);
  }
}

function decode(body: string, served = model()): Asked {
  return ask(tfserving, '/v1/models/m:predict', { body, model: served });
}

const answers: readonly { name: string; method?: 'POST'; path: string; status: number; says: RegExp }[] = [
  {
    name: 'no model',
    path: '/v1/models',
    status: 400,
    says: /^{"error":"Missing model name in request\."}$/,
  },
  {
    name: 'a version beyond 64 bits',
    path: '/v1/models/m/versions/9223372036854775808',
    status: 400,
    says: /Failed to convert version: 9223372036854775808/,
  },
  {
    name: 'a version beyond 64 bits, for a prediction',
    method: 'POST',
    path: '/v1/models/m/versions/9223372036854775808:predict',
    status: 400,
    says: /Failed to convert version/,
  },
  {
    name: 'the largest version',
    path: '/v1/models/m/versions/9223372036854775807',
    status: 404,
    says: /Could not find version 9223372036854775807/,
  },
  { name: 'zeros before a version', path: '/v1/models/m/versions/001', status: 200, says: /AVAILABLE/ },
  { name: 'capitals', path: '/V1/Models/m/METADATA', status: 200, says: /signature_def/ },
];
for (const { name, method = 'GET', path, status, says } of answers) {
  test(`answers a path with ${name}`, () => {
    assert(tfserving.owns(path));
    const reply = answer(method, path);
    assert.equal(reply?.status, status);
    assert.match(textOf(reply), says);
  });
}

test('a prediction is found under capitals too, and only under its own prefix', () => {
  assert(tfserving.owns('/V1/Models/m:Predict'));
  assert.equal(tfserving.route('/V1/Models/m:Predict').POST?.kind, 'predict');
  assert(!tfserving.owns('/v10/models/m'));
});

const b64 = (text: string | Buffer): string => `{"b64": "${Buffer.from(text).toString('base64')}"}`;
const forms: readonly { name: string; body: string; shape: number[] }[] = [
  { name: 'bare rows', body: `{"instances": [${b64('é😀')}, "plain"]}`, shape: [2] },
  { name: 'named rows', body: `{"instances": [{"x": ${b64('é😀')}}, {"x": "plain"}]}`, shape: [2] },
  { name: 'a column', body: `{"inputs": [${b64('é😀')} ,"plain"]}`, shape: [2] },
  { name: 'a named column', body: `{"inputs": {"x": [ ${b64('é😀')}, "plain"]}}`, shape: [2] },
  {
    name: 'nested rows',
    body: `{"instances": [[${b64('é😀')}], [{ "b64" :\n"cGxhaW4\\u003d" }]]}`,
    shape: [2, 1],
  },
];
for (const { name, body, shape } of forms) {
  test(`reads strings in base64 from ${name}`, () => {
    const { request } = decode(body, model(['y'], { ...strings, shape: shape.map(() => -1) }));
    assert.deepEqual(request.inputs.map(valuesOf), [{ datatype: 'BYTES', shape, data: ['é😀', 'plain'] }]);
  });
}

test('base64 carries bytes that are no text', () => {
  const bytes = Buffer.from([0xff, 0x00, 0xfe]);
  const data = decode(`{"inputs": ["a", ${b64(bytes)}]}`).request.inputs[0]?.data;
  assert(data instanceof ByteStrings);
  assert.deepEqual(data.at(1), bytes);
});

test('a bare string in base64 is a column of no dimension', () => {
  const { signature, ...rest } = model(['y'], { ...strings, shape: [] });
  const scalar = { ...rest, signature: { ...signature, batched: false } };
  const { request } = decode(`{"inputs": ${b64('é')}}`, scalar);
  assert.deepEqual(request.inputs.map(valuesOf), [{ datatype: 'BYTES', shape: [], data: ['é'] }]);
});

const wrong: readonly { name: string; element: string }[] = [
  { name: 'no base64', element: '{"b64": "@@@@"}' },
  { name: 'base64 without its padding', element: '{"b64": "YQ"}' },
  { name: 'base64 with a line break', element: '{"b64": "YWJj\\nYWJj"}' },
  { name: 'another key beside b64', element: '{"b64": "YQ==", "x": 1}' },
  { name: 'b64 twice', element: '{"b64": "YQ==", "b64": "YQ=="}' },
  { name: 'a number for base64', element: '{"b64": 1}' },
  { name: 'an empty object', element: '{}' },
];
for (const { name, element } of wrong) {
  test(`refuses ${name}, in one sentence`, () => {
    assert.throws(
      () => decode(`{"inputs": {"x": ["a", ${element}]}}`),
      (thrown: unknown) => {
        const refusal = tfserving.error(asAppError(thrown));
        assert.equal(refusal.status, 400);
        assert.match(
          textOf(refusal),
          /input 'x' wants a string of valid Unicode, or .*base64.*; element \[1\] is \{/,
        );
        return true;
      },
    );
  });
}

test('a number is no base64 for a float input', () => {
  const floats = model(['y'], { name: 'x', datatype: 'FP32', shape: [-1] });
  assert.throws(() => decode(`{"inputs": [${b64('1')}]}`, floats), /wants a number that fits FP32/);
});

test('an output whose name ends in _bytes is in base64, in rows and columns', () => {
  const tensor: Tensor = { datatype: 'BYTES', shape: [2], data: ByteStrings.of(['é', '']) };
  const encoded = [{ b64: 'w6k=' }, { b64: '' }];
  const body = (form: string, outputs: readonly string[]): unknown => {
    const asked = decode(`{"${form}": ["a", "b"]}`, model(outputs));
    return JSON.parse(textOf(asked.answer(outputs.map(() => tensor))));
  };
  assert.deepEqual(body('instances', ['y_bytes']), { predictions: encoded });
  assert.deepEqual(body('inputs', ['y_bytes']), { outputs: encoded });
  assert.deepEqual(body('inputs', ['y', 'y_bytes']), { outputs: { y: ['é', ''], y_bytes: encoded } });
  assert.deepEqual(body('instances', ['y', 'y_bytes']), {
    predictions: [
      { y: 'é', y_bytes: encoded[0] },
      { y: '', y_bytes: encoded[1] },
    ],
  });
});

test('rows shorter than the first are refused before there is memory for as many as long', () => {
  const floats = model(['y'], { name: 'x', datatype: 'FP32', shape: [-1, -1] });
  const row = (length: number): string => `{"x": [${Array.from({ length }, () => 1).join(',')}]}`;
  const rows = [row(100_000), ...Array.from({ length: 100_000 }, () => row(1))];
  assert.throws(() => decode(`{"instances": [${rows.join(',')}]}`, floats), {
    code: 'input_invalid',
    message: 'Expecting shape [100000] but got [1]',
  });
});
