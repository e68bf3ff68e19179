import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  elementTypes,
  identityModel,
  message,
  modelOf,
  onnxModel,
  text,
  type ValueInfo,
  varintField,
} from '../../fixtures/onnx-file.ts';
import { datatypes } from '../../tensors/tensor.ts';
import { readHeader } from './header.ts';
import type { ByteSource } from './wire.ts';

function source(bytes: Buffer): ByteSource {
  return { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

for (const datatype of datatypes) {
  test(`reads a ${datatype} input and output`, () => {
    const header = readHeader(source(identityModel(elementTypes[datatype], ['N', 3])));
    const spec = { datatype, shape: [-1, 3], sizeNames: ['N', ''] };
    assert.deepEqual(header, {
      ok: true,
      value: {
        inputs: [{ name: 'x', ...spec }],
        outputs: [{ name: 'y', ...spec }],
        freeRows: true,
        externalFiles: [],
      },
    });
  });
}

const rows: readonly {
  name: string;
  input: ValueInfo['shape'];
  output: ValueInfo['shape'];
  free: boolean;
}[] = [
  { name: 'one name for the first sizes', input: ['N', 2], output: ['N'], free: true },
  { name: 'two names', input: ['N', 2], output: ['M'], free: false },
  { name: 'a fixed size', input: [1, 2], output: ['N'], free: false },
  { name: 'a size of -1', input: [-1, 2], output: ['N'], free: true },
  { name: 'the name at another axis too', input: ['N', 'N'], output: ['N'], free: false },
  { name: 'unnamed sizes', input: [-1, -1], output: [-1, -1], free: true },
  { name: 'a scalar output', input: ['N', 2], output: [], free: false },
];
for (const { name, input, output, free } of rows) {
  test(`with ${name}, rows are ${free ? '' : 'not '}free`, () => {
    const bytes = onnxModel({
      inputs: [{ name: 'x', type: 1, shape: input }],
      outputs: [{ name: 'y', type: 1, shape: output }],
      nodes: [],
    });
    const header = readHeader(source(bytes));
    assert(header.ok);
    assert.equal(header.value.freeRows, free);
  });
}

test('a size of zero is that size, as ONNX Runtime holds inputs to it', () => {
  const header = readHeader(source(identityModel(1, [0, 3])));
  assert(header.ok);
  assert.deepEqual(header.value.inputs[0]?.shape, [0, 3]);
  assert(!header.value.freeRows);
});

test('an input or output without a shape may have any, and has no rows', () => {
  const header = readHeader(source(identityModel(1, undefined)));
  const spec = { datatype: 'FP32', shape: [-1], unknownRank: true };
  assert.deepEqual(header, {
    ok: true,
    value: {
      inputs: [{ name: 'x', ...spec }],
      outputs: [{ name: 'y', ...spec }],
      freeRows: false,
      externalFiles: [],
    },
  });
});

test('weights that old models list among the inputs are not inputs', () => {
  const bytes = onnxModel({
    inputs: [
      { name: 'x', type: 1, shape: ['N'] },
      { name: 'w', type: 1, shape: [1] },
    ],
    outputs: [{ name: 'y', type: 1, shape: ['N'] }],
    nodes: [],
    weights: { w: [1] },
  });
  const header = readHeader(source(bytes));
  assert(header.ok);
  assert.deepEqual(
    header.value.inputs.map(({ name }) => name),
    ['x'],
  );
});

const unsupported: readonly { name: string; output: Partial<ValueInfo>; says: RegExp }[] = [
  { name: 'bfloat16', output: { type: 16 }, says: /'y' is a tensor of bfloat16/ },
  { name: 'int4', output: { type: 22 }, says: /'y' is a tensor of int4/ },
  { name: 'uint4', output: { type: 21 }, says: /'y' is a tensor of uint4/ },
  { name: 'float8', output: { type: 17 }, says: /float8e4m3fn/ },
  { name: 'complex64', output: { type: 14 }, says: /complex64/ },
  { name: 'a type of the future', output: { type: 99 }, says: /type 99/ },
  { name: 'a sequence', output: { sequence: true }, says: /'y' is a sequence.*/ },
];
for (const { name, output, says } of unsupported) {
  test(`names an output of ${name} and a way out`, () => {
    const bytes = onnxModel({
      inputs: [{ name: 'x', type: 1, shape: ['N'] }],
      outputs: [{ name: 'y', type: 1, shape: ['N'], ...output }],
      nodes: [],
    });
    const header = readHeader(source(bytes));
    assert(!header.ok && header.error.kind === 'unsupported');
    assert.match(header.error.problem, says);
    assert.match(header.error.remedy, /export|convert/);
  });
}

for (const content of [
  '',
  'hello, world',
  '{"not": "onnx"}',
  '\x89PNG\r\n\x1a\n',
  'PK\x03\x04 a zip file, as torch saves',
]) {
  test(`${JSON.stringify(content)} is no model`, () => {
    const header = readHeader(source(Buffer.from(content, 'latin1')));
    assert(!header.ok && header.error.kind === 'invalid');
  });
}

/** A model whose only output is made of these fields, and its input of a float's. */
function withOutput(...output: Buffer[]): Buffer {
  const input = [text(1, 'x'), message(2, message(1, Buffer.concat([varintField(1, 1), message(2, N)])))];
  return modelOf([message(11, Buffer.concat(input)), message(12, Buffer.concat(output))]);
}

const N = message(1, text(2, 'N'));
const float = [varintField(1, 1), message(2, N)];
const int4 = [varintField(1, 22), message(2, N)];
const tensor = (...parts: Buffer[]): Buffer => message(1, Buffer.concat(parts));
const y = text(1, 'y');
const twice: readonly { name: string; bytes: Buffer }[] = [
  { name: 'graph', bytes: Buffer.concat([identityModel(1, ['N']), identityModel(22, ['N'])]) },
  { name: 'type', bytes: withOutput(y, message(2, tensor(...float)), message(2, tensor(...int4))) },
  {
    name: 'tensor type',
    bytes: withOutput(y, message(2, Buffer.concat([tensor(...float), tensor(...int4)]))),
  },
  {
    name: 'kind of type',
    bytes: withOutput(y, message(2, Buffer.concat([tensor(...float), message(8, Buffer.concat(int4))]))),
  },
  { name: 'element type', bytes: withOutput(y, message(2, tensor(...float, varintField(1, 22)))) },
  { name: 'shape', bytes: withOutput(y, message(2, tensor(...float, message(2, N)))) },
  { name: 'name', bytes: withOutput(y, message(2, tensor(...float)), text(1, 'x')) },
  {
    name: 'size',
    bytes: withOutput(
      y,
      message(
        2,
        tensor(varintField(1, 1), message(2, message(1, Buffer.concat([varintField(1, 3), text(2, 'N')])))),
      ),
    ),
  },
  {
    name: "weight's name",
    bytes: modelOf([message(5, Buffer.concat([text(8, 'w'), text(8, 'x')])), message(12, y)]),
  },
];
for (const { name, bytes } of twice) {
  test(`a second ${name} where there may be one makes a model invalid, since readers do not agree on it`, () => {
    const header = readHeader(source(bytes));
    assert(!header.ok && header.error.kind === 'invalid');
    assert.match(header.error.problem, /is there twice/);
  });
}

test('the model that the repeats are put in is valid without them', () => {
  assert(readHeader(source(withOutput(y, message(2, tensor(...float))))).ok);
});

test('whatever happens to the bytes of a model, reading them ends in an answer', () => {
  const good = identityModel(1, ['N', 4]);
  const change = fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), fc.nat(good.length), (changes, length) => {
      const bytes = Buffer.from(good);
      for (const { at, byte } of changes) bytes[at] = byte;
      readHeader(source(bytes.subarray(0, length)));
    }),
    { numRuns: 2000 },
  );
});
