import assert from 'node:assert/strict';
import test from 'node:test';
import { asAppError } from '#base';
import type { ServedModel } from '../../models/signature.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import type { Tensor, TensorSpec } from '../../tensors/tensor.ts';
import { type Asked, ask, textOf, valuesOf } from '../fixtures/ask.ts';
import { tfserving } from './routes.ts';

const strings: TensorSpec = { name: 'x', datatype: 'BYTES', shape: [-1] };
const floats: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, -1] };

function model(outputs: readonly string[] = ['y'], ...inputs: readonly TensorSpec[]): ServedModel {
  return {
    name: 'm',
    version: '1',
    platform: 'test',
    signature: {
      inputs: inputs.length === 0 ? [strings] : inputs,
      outputs: outputs.map(name => ({ ...strings, name })),
      batched: true,
    },
  };
}

function decode(body: string, served = model()): Asked {
  return ask(tfserving, '/v1/models/m:predict', { body, model: served });
}

/** What a body is refused with. */
function refusal(body: string, served = model()): string {
  try {
    decode(body, served);
  } catch (thrown: unknown) {
    const reply = tfserving.error(asAppError(thrown));
    assert.equal(reply.status, 400);
    return (JSON.parse(textOf(reply)) as { error: string }).error;
  }
  return assert.fail('it was not refused');
}

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
    assert.match(
      refusal(`{"inputs": {"x": ["a", ${element}]}}`),
      /input 'x' wants a string of valid Unicode, or .*base64.*; element \[1\] is \{/,
    );
  });
}

test('a number is no base64 for a float input', () => {
  assert.match(
    refusal(`{"inputs": [${b64('1')}]}`, model(['y'], floats)),
    /wants a number that fits FP32.*not of expected type: float/,
  );
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
  const row = (length: number): string => `{"x": [${Array.from({ length }, () => 1).join(',')}]}`;
  const rows = [row(100_000), ...Array.from({ length: 100_000 }, () => row(1))];
  assert.throws(() => decode(`{"instances": [${rows.join(',')}]}`, model(['y'], floats)), {
    code: 'input_invalid',
    message: 'Expecting tensor size: 100000 but got: 1',
  });
});

const two = [floats, { ...floats, name: 'z' }];
const refused: readonly { name: string; body: string; inputs?: readonly TensorSpec[]; says: RegExp }[] = [
  { name: 'rows and columns at once', body: '{"instances": [1], "inputs": [1]}', says: /only one of/ },
  { name: 'neither', body: '{}', says: /Missing 'inputs' or 'instances' key/ },
  { name: 'no rows', body: '{"instances": []}', says: /No values/ },
  { name: 'rows that are no list', body: '{"instances": {}}', says: /list\/array/ },
  { name: 'a body that is no object', body: '[1]', says: /must be a JSON object/ },
  { name: 'a body that is no JSON', body: '{"instances": [1}', says: /JSON Parse error: / },
  { name: 'a column whose name does not end', body: '{"inputs":{"b', says: /JSON Parse error: / },
  { name: 'a row whose name does not end', body: '{"instances":[{"b64', says: /JSON Parse error: / },
  { name: 'base64 that does not end', body: '{"inputs":{"b64":"', says: /JSON Parse error: / },
  { name: 'base64 with a wrong escape', body: '{"inputs":{"b64":"\\x"}}', says: /JSON Parse error: / },
  {
    name: 'a signature that is no string',
    body: '{"signature_name": 5, "instances": [1]}',
    says: /must be a string value/,
  },
  {
    name: 'another signature',
    body: '{"signature_name": "nope", "instances": [1]}',
    says: /"nope" not found in signature def/,
  },
  {
    name: 'a longer row',
    body: '{"instances": [[1,2],[3,4],[5,6,7]]}',
    says: /^Expecting tensor size: 2 but got: 3$/,
  },
  {
    name: 'a deeper row',
    body: '{"instances": [[1,2],[[5,6]]]}',
    says: /^Expecting shape \[2\] but got: \[1,2\]$/,
  },
  {
    name: 'a list among numbers',
    body: '{"instances": [1,[1]]}',
    says: /^Expecting shape \[\] but got: \[1\]$/,
  },
  {
    name: 'a row that is ragged',
    body: '{"instances": [[[1],2],3]}',
    says: /^Expecting tensor size to be the same/,
  },
  { name: 'a ragged column', body: '{"inputs": [[1,2],[3]]}', says: /list at unexpected place/ },
  { name: 'a string for a float', body: '{"instances": ["x"]}', says: /not of expected type: float/ },
  {
    name: 'a string for a float in a row',
    body: '{"instances": [{"x": ["y"]}]}',
    says: /of expected type: float/,
  },
  {
    name: 'an object among lists',
    body: '{"instances": [[1],{"x": [1]}]}',
    says: /Expecting value\/list but got object at item 1/,
  },
  {
    name: 'a list among objects',
    body: '{"instances": [{"x": [1]},[1]]}',
    says: /Expecting object but got list at item 1/,
  },
  {
    name: 'a key missing',
    body: '{"instances": [{"x": [1]}]}',
    inputs: two,
    says: /element: 0.*keys must be equal to: x,z/,
  },
  {
    name: 'a key too many',
    body: '{"instances": [{"x": [1], "y": 1}]}',
    says: /does not have named input 'y'/,
  },
  {
    name: 'bare rows for two inputs',
    body: '{"instances": [1]}',
    inputs: two,
    says: /plain list, .*: x, z$/,
  },
  {
    name: 'a bare column for two inputs',
    body: '{"inputs": [1]}',
    inputs: two,
    says: /plain list, .*: x, z$/,
  },
  {
    name: 'a column missing',
    body: '{"inputs": {"x": [[1]]}}',
    inputs: two,
    says: /^Missing named input: z/,
  },
];
for (const { name, body, inputs = [floats], says } of refused) {
  test(`refuses ${name}`, () => assert.match(refusal(body, model(['y'], ...inputs)), says));
}

const generous: readonly { name: string; datatype: TensorSpec['datatype']; body: string; data: unknown }[] = [
  { name: '1.0 for an integer', datatype: 'INT32', body: '{"instances": [1.0]}', data: Int32Array.of(1) },
  { name: 'UINT16', datatype: 'UINT16', body: '{"instances": [65535]}', data: Uint16Array.of(65_535) },
  { name: 'half precision', datatype: 'FP16', body: '{"instances": [1]}', data: Uint16Array.of(0x3c00) },
  {
    name: 'names that are no input, in columns',
    datatype: 'INT32',
    body: '{"inputs": {"x": [1], "y": "?"}}',
    data: Int32Array.of(1),
  },
  {
    name: 'the default signature, by its name or none',
    datatype: 'INT32',
    body: '{"inputs": [1], "signature_name": "serving_default"}',
    data: Int32Array.of(1),
  },
];
for (const { name, datatype, body, data } of generous) {
  test(`takes ${name}`, () => {
    const spec: TensorSpec = { name: 'x', datatype, shape: [-1] };
    assert.deepEqual(decode(body, model(['y'], spec)).request.inputs[0]?.data, data);
  });
}

test('rows of one input may be named, and NaN and the infinities are numbers', () => {
  const { request, answer } = decode(
    '{"instances": [{"x": [NaN]}, {"x": [Infinity]}, {"x": [-Infinity]}]}',
    model(['y'], floats),
  );
  assert.equal(textOf(answer(request.inputs)), '{"predictions":[[NaN],[Infinity],[-Infinity]]}');
});

test('outputs that do not have as many rows as one another have no row form', () => {
  const { answer } = decode('{"instances": ["a"]}', model(['y', 'z']));
  const tensor = (size: number): Tensor => ({
    datatype: 'BYTES',
    shape: [size],
    data: ByteStrings.empty(size),
  });
  assert.throws(() => answer([tensor(1), tensor(2)]), /no common batch dimension/);
});
