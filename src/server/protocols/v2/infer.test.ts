import assert from 'node:assert/strict';
import test from 'node:test';
import { asAppError } from '#base';
import type { ServedModel } from '../../models/signature.ts';
import type { Datatype, Tensor, TensorSpec } from '../../tensors/tensor.ts';
import { type Asked, ask, textOf, valuesOf } from '../fixtures/ask.ts';
import { v2Protocol } from '../fixtures/v2-options.ts';

const protocol = v2Protocol();
const HEADER = 'inference-header-content-length';

function model(inputs: readonly TensorSpec[], outputs = inputs, batched = true): ServedModel {
  return { name: 'm', version: '1', platform: 'test', signature: { inputs, outputs, batched } };
}

function spec(name: string, datatype: Datatype = 'FP32', shape: readonly number[] = [-1, 2]): TensorSpec {
  return { name, datatype, shape };
}

/** Asks with JSON and the bytes behind it. */
function send(served: ServedModel, head: unknown, binary: Buffer = Buffer.alloc(0), length?: string): Asked {
  const json = Buffer.from(JSON.stringify(head));
  const headers = { [HEADER]: length ?? String(json.length) };
  return ask(protocol, '/v2/models/m/infer', { body: Buffer.concat([json, binary]), model: served, headers });
}

function binaryInput(name: string, size: number, { datatype = 'FP32', shape = [1, 2] } = {}): object {
  return { name, datatype, shape, parameters: { binary_data_size: size } };
}

const pair = Buffer.from(Float32Array.of(1, 2).buffer);
const pairs: Tensor = { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) };

test('inputs of JSON and of bytes may be mixed, and the bytes go in order', () => {
  const served = model([spec('a'), spec('b'), spec('c')]);
  const inputs = [
    binaryInput('c', 8),
    { name: 'a', datatype: 'FP32', shape: [1, 2], data: [3, 4] },
    binaryInput('b', 8),
  ];
  const other = Buffer.from(Float32Array.of(5, 6).buffer);
  const { request } = send(served, { inputs }, Buffer.concat([pair, other]));
  assert.deepEqual(
    request.inputs.map(({ data }) => [...(data as Float32Array)]),
    [
      [3, 4],
      [5, 6],
      [1, 2],
    ],
  );
});

const outputForms: readonly { name: string; head: object; binary: boolean[] }[] = [
  {
    name: 'one of each',
    head: { outputs: [{ name: 'a', parameters: { binary_data: true } }, { name: 'b' }] },
    binary: [true, false],
  },
  { name: 'all binary', head: { parameters: { binary_data_output: true } }, binary: [true, true] },
  {
    name: 'all binary, but for one',
    head: {
      parameters: { binary_data_output: true },
      outputs: [{ name: 'b', parameters: { binary_data: false } }, { name: 'a' }],
    },
    binary: [false, true],
  },
  { name: 'none', head: {}, binary: [false, false] },
];
for (const { name, head, binary } of outputForms) {
  test(`outputs go out as they were asked for: ${name}`, () => {
    const served = model([spec('a'), spec('b')]);
    const asked = send(
      served,
      { ...head, inputs: [binaryInput('a', 8), binaryInput('b', 8)] },
      Buffer.concat([pair, pair]),
    );
    const reply = asked.answer([pairs, pairs]);
    const jsonLength = Number(reply.headers?.[1] ?? textOf(reply).length);
    const { outputs } = JSON.parse(textOf(reply).slice(0, jsonLength)) as {
      outputs: { data?: unknown; parameters?: object }[];
    };
    assert.deepEqual(
      outputs.map(({ data }) => data === undefined),
      binary,
    );
    const behind = binary.filter(Boolean).length;
    assert.equal(reply.type, behind > 0 ? 'application/octet-stream' : 'application/json');
    assert.equal(reply.headers?.[0], behind > 0 ? 'Inference-Header-Content-Length' : undefined);
  });
}

test('a body that is one tensor takes its shape from its size, one row of it', () => {
  const served = model([spec('a', 'FP32', [-1, -1])]);
  const { request, answer } = ask(protocol, '/v2/models/m/infer', {
    body: pair,
    model: served,
    headers: { [HEADER]: '0' },
  });
  assert.deepEqual(request.inputs.map(valuesOf), [
    { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1, 2) },
  ]);
  assert.equal(answer([pairs]).type, 'application/octet-stream');
});

test('a body that is one string needs no length before it', () => {
  const served = model([spec('a', 'BYTES', [-1, 1])]);
  const { request } = ask(protocol, '/v2/models/m/infer', {
    body: 'hello',
    model: served,
    headers: { [HEADER]: '0' },
  });
  assert.deepEqual(request.inputs.map(valuesOf), [{ datatype: 'BYTES', shape: [1, 1], data: ['hello'] }]);
});

const raw: readonly { name: string; served: ServedModel; body: Buffer; says: RegExp }[] = [
  { name: 'two inputs', served: model([spec('a'), spec('b')]), body: pair, says: /one input/ },
  {
    name: 'two free sizes',
    served: model([spec('a', 'FP32', [-1, -1, -1])]),
    body: pair,
    says: /cannot tell the shape/,
  },
  {
    name: 'no whole number of elements',
    served: model([spec('a', 'FP32', [-1, -1])]),
    body: Buffer.alloc(7),
    says: /7 bytes/,
  },
  { name: 'more than the shape', served: model([spec('a')]), body: Buffer.alloc(16), says: /16 bytes/ },
  { name: 'several strings', served: model([spec('a', 'BYTES')]), body: pair, says: /can carry one string/ },
];
for (const { name, served, body, says } of raw) {
  test(`a raw request is refused for ${name}`, () => {
    assert.throws(
      () => ask(protocol, '/v2/models/m/infer', { body, model: served, headers: { [HEADER]: '0' } }),
      {
        code: 'input_invalid',
        message: says,
      },
    );
  });
}

const one = model([spec('a')]);
const refused: readonly { name: string; head: object; binary?: Buffer; length?: string; says: RegExp }[] = [
  ...['abc', '-1', '99999999999', '1e2', '5, 5', '1.5', ''].map(length => ({
    name: `the header '${length}'`,
    head: { inputs: [binaryInput('a', 8)] },
    binary: pair,
    length,
    says: /Unable to parse Inference-Header-Content-Length/,
  })),
  {
    name: 'a byte too few',
    head: { inputs: [binaryInput('a', 8)] },
    binary: pair.subarray(1),
    says: /expecting 1 additional bytes/,
  },
  {
    name: 'a byte too many',
    head: { inputs: [binaryInput('a', 8)] },
    binary: Buffer.concat([pair, Buffer.of(0)]),
    says: /unexpected additional input data/,
  },
  {
    name: 'a size that is not the shape',
    head: { inputs: [binaryInput('a', 4)] },
    binary: pair.subarray(4),
    says: /byte size mismatch/,
  },
  ...[-4, '64', 1.5, 2 ** 53, true].map(size => ({
    name: `the binary_data_size ${JSON.stringify(size)}`,
    head: { inputs: [binaryInput('a', size as number)] },
    binary: pair,
    says: /'binary_data_size' must be an integer/,
  })),
  {
    name: 'data and bytes',
    head: { inputs: [{ ...binaryInput('a', 8), data: [1, 2] }] },
    binary: pair,
    says: /Input must set only one/,
  },
  {
    name: 'neither',
    head: { inputs: [{ name: 'a', datatype: 'FP32', shape: [1, 2] }] },
    says: /Input must set only one/,
  },
  {
    name: 'shared memory',
    head: {
      inputs: [{ name: 'a', datatype: 'FP32', shape: [1, 2], parameters: { shared_memory_region: 'r' } }],
    },
    says: /shared memory is not supported/,
  },
  {
    name: 'a classification of text',
    head: { inputs: [binaryInput('a', 8)], outputs: [{ name: 'a', parameters: { classification: '2' } }] },
    binary: pair,
    says: /'classification' must be an integer/,
  },
  {
    name: 'binary_data that is no boolean',
    head: { inputs: [binaryInput('a', 8)], outputs: [{ name: 'a', parameters: { binary_data: 1 } }] },
    binary: pair,
    says: /must be true or false/,
  },
];
for (const { name, head, binary, length, says } of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(
      () => send(one, head, binary, length),
      (thrown: unknown) => {
        const { status, message } = asAppError(thrown);
        assert.equal(status, 400);
        assert.match(message, says);
        return true;
      },
    );
  });
}

test('a missing header makes bytes of a tensor no JSON', () => {
  const json = Buffer.from(JSON.stringify({ inputs: [binaryInput('a', 8)] }));
  assert.throws(
    () => ask(protocol, '/v2/models/m/infer', { body: Buffer.concat([json, pair]), model: one }),
    {
      code: 'body_malformed',
    },
  );
});

const labelled: TensorSpec = { ...spec('a', 'FP32', [-1, 4]), labels: ['red', 'green', 'blue', 'grey'] };
const scores: Tensor = {
  datatype: 'FP32',
  shape: [2, 4],
  data: Float32Array.of(1, 5, 10, 4, Number.NaN, 7, 7, -1),
};
const classes: readonly { name: string; count: number; served: ServedModel; data: string[] }[] = [
  {
    name: 'of each row',
    count: 2,
    served: model([labelled]),
    data: ['10.000000:2:blue', '5.000000:1:green', '7.000000:1:green', '7.000000:2:blue'],
  },
  {
    name: 'without labels',
    count: 1,
    served: model([spec('a', 'FP32', [-1, 4])]),
    data: ['10.000000:2', '7.000000:1'],
  },
  {
    name: 'all there are',
    count: 99,
    served: model([labelled], [{ ...labelled, labels: [] }]),
    data: [
      '10.000000:2',
      '5.000000:1',
      '4.000000:3',
      '1.000000:0',
      '7.000000:1',
      '7.000000:2',
      '-1.000000:3',
      'nan:0',
    ],
  },
];
for (const { name, count, served, data } of classes) {
  test(`a classification names the largest elements: ${name}`, () => {
    const inputs = [{ name: 'a', datatype: 'FP32', shape: [2, 4], data: [1, 2, 3, 4, 5, 6, 7, 8] }];
    const outputs = [{ name: 'a', parameters: { classification: count } }];
    const reply = send(served, { inputs, outputs }).answer([scores]);
    const [output] = (JSON.parse(textOf(reply)) as { outputs: unknown[] }).outputs;
    assert.deepEqual(output, { name: 'a', datatype: 'BYTES', shape: [2, Math.min(count, 4)], data });
  });
}

test('rows without elements have no classes, however many rows a shape tells of', () => {
  const shape = [2 ** 50, 0];
  const served = model([spec('a', 'FP32', [-1, -1])]);
  const inputs = [{ name: 'a', datatype: 'FP32', shape: [1, 0], data: [] }];
  const outputs = [{ name: 'a', parameters: { classification: 3 } }];
  const reply = send(served, { inputs, outputs }).answer([
    { datatype: 'FP32', shape, data: new Float32Array() },
  ]);
  const [output] = (JSON.parse(textOf(reply)) as { outputs: unknown[] }).outputs;
  assert.deepEqual(output, { name: 'a', datatype: 'BYTES', shape, data: [] });
});
