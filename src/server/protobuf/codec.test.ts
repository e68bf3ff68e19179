import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { AppError } from '#base';
import { decode, encode, encodePieces } from './codec.ts';
import { arbitraryMessage } from './message.arbitrary.ts';
import { ModelConfig } from './model-config.ts';
import { InferParameter, InferTensorContents, ModelInferRequest, ModelInferResponse } from './oip-infer.ts';
import { MOST_DEPTH, MOST_PARTS } from './reader.ts';
import {
  type Encodable,
  type Fields,
  type MessageType,
  map,
  message,
  oneof,
  repeated,
  type Scalar,
} from './schema.ts';
import { Example, TensorProto } from './tensorflow.ts';

const Every = message('test.Every', {
  a_double: [1, 'double'],
  a_float: [2, 'float'],
  an_int32: [3, 'int32'],
  a_uint32: [4, 'uint32'],
  an_int64: [5, 'int64'],
  a_uint64: [6, 'uint64'],
  a_bool: [7, 'bool'],
  a_string: [8, 'string'],
  some_bytes: [9, 'bytes'],
  by_string: [10, map('string', 'double')],
  by_int32: [11, map('int32', 'string')],
  by_uint64: [12, map('uint64', 'bytes')],
  by_bool: [13, map('bool', InferParameter)],
  strings: [14, repeated('string')],
  choice: oneof({ number: [15, 'uint32'], parameter: [16, InferParameter], text: [536_870_911, 'string'] }),
});

const types: readonly MessageType[] = [
  Every,
  InferTensorContents,
  ModelInferRequest,
  ModelInferResponse,
  ModelConfig,
  TensorProto,
  Example,
];

for (const type of types) {
  test(`${type.name}: what is written is read back`, () => {
    fc.assert(
      fc.property(arbitraryMessage(type), value => {
        assert.deepEqual(decode(type, encode(type, value)), value);
      }),
    );
  });

  test(`${type.name}: whatever the bytes, it is read and can be written again, or refused as malformed`, () => {
    fc.assert(fc.property(mutated(type), bytes => readsOrRefuses(type, bytes)));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 30 }), bytes => readsOrRefuses(type, bytes)));
  });
}

/** Bytes of a message, of which some are changed, left out, or there twice. */
function mutated(type: MessageType): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) });
  return fc.tuple(arbitraryMessage(type), fc.array(edit, { maxLength: 3 })).map(([value, edits]) => {
    const bytes = [...encode(type, value)];
    for (const { at, remove, insert } of edits) bytes.splice(at % (bytes.length + 1), remove, ...insert);
    return Uint8Array.from(bytes);
  });
}

function readsOrRefuses(type: MessageType, bytes: Uint8Array): void {
  try {
    const value = decode(type, bytes);
    assert.deepEqual(decode(type, encode(type, value)), value);
  } catch (error: unknown) {
    if (!(error instanceof AppError) || error.code !== 'message_malformed') throw error;
  }
}

const one = (content: Scalar): MessageType<{ readonly x: readonly [1, Scalar] }> =>
  message('test.One', { x: [1, content] });

/** Bytes as protobuf.dev/programming-guides/encoding has them, or worked out by hand. */
const golden: readonly { content: Scalar; value: unknown; bytes: string }[] = [
  { content: 'int32', value: 150, bytes: '08 9601' },
  { content: 'int32', value: -2, bytes: '08 feffffffffffffffff01' },
  { content: 'int32', value: -(2 ** 31), bytes: '08 80808080f8ffffffff01' },
  { content: 'uint32', value: 2 ** 32 - 1, bytes: '08 ffffffff0f' },
  { content: 'int64', value: 2n ** 35n, bytes: '08 808080808001' },
  { content: 'int64', value: -1n, bytes: '08 ffffffffffffffffff01' },
  { content: 'uint64', value: 2n ** 64n - 1n, bytes: '08 ffffffffffffffffff01' },
  { content: 'uint64', value: 2n ** 32n, bytes: '08 8080808010' },
  { content: 'bool', value: true, bytes: '08 01' },
  { content: 'float', value: 1.5, bytes: '0d 0000c03f' },
  { content: 'double', value: -0, bytes: '09 0000000000000080' },
  { content: 'string', value: 'testing', bytes: '0a 07 74657374696e67' },
  { content: 'string', value: 'é', bytes: '0a 02 c3a9' },
  { content: 'bytes', value: Buffer.from([0, 255]), bytes: '0a 02 00ff' },
  { content: 'int32', value: 0, bytes: '' },
  { content: 'string', value: '', bytes: '' },
];

for (const { content, value, bytes } of golden) {
  test(`${content} ${String(value)} is ${bytes === '' ? 'nothing' : bytes} on the wire`, () => {
    const form = { x: value } as Encodable<ReturnType<typeof one>>;
    assert.equal(encode(one(content), form).toString('hex'), bytes.replaceAll(' ', ''));
    assert.deepEqual(decode(one(content), hex(bytes)), { x: value });
  });
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/[^0-9a-f]/g, ''), 'hex');
}

const lenient: readonly { name: string; type: MessageType; bytes: string; value: object }[] = [
  { name: 'the last of a field wins', type: one('int32'), bytes: '08 01 08 02', value: { x: 2 } },
  { name: 'a number may be longer than it must', type: one('int32'), bytes: '08 8100', value: { x: 1 } },
  { name: 'an int32 keeps its lower 32 bits', type: one('int32'), bytes: '08 8580808010', value: { x: 5 } },
  { name: 'any bit makes a bool true', type: one('bool'), bytes: '08 808080808001', value: { x: true } },
  {
    name: 'fields that nobody knows are passed over',
    type: one('int32'),
    bytes: '10 05 1a 03 010203 21 0102030405060708 2d 01020304 08 07 fa7f 00',
    value: { x: 7 },
  },
  {
    name: 'an embedded message that comes twice is merged',
    type: message('test.Outer', { inner: [1, message('test.Inner', { a: [1, 'int32'], b: [2, 'int32'] })] }),
    bytes: '0a 02 08 01 0a 02 10 02',
    value: { inner: { a: 1, b: 2 } },
  },
  {
    name: 'the last member of a oneof wins, even where it is zero',
    type: InferParameter,
    bytes: '1a 01 61 08 00',
    value: { parameter_choice: { case: 'bool_param', value: false } },
  },
  {
    name: 'a message in a oneof is merged into itself',
    type: message('test.Outer', {
      choice: oneof({ inner: [1, message('test.Inner', { a: [1, 'int32'], b: [2, 'int32'] })] }),
    }),
    bytes: '0a 02 08 01 0a 02 10 02',
    value: { choice: { case: 'inner', value: { a: 1, b: 2 } } },
  },
  {
    name: 'a message that comes twice in one map entry is merged',
    type: message('test.Map', {
      x: [1, map('string', message('test.Inner', { a: [1, 'int32'], b: [2, 'int32'] }))],
    }),
    bytes: '0a 0b 0a 01 61 12 02 08 01 12 02 10 02',
    value: { x: new Map([['a', { a: 1, b: 2 }]]) },
  },
  {
    name: 'a map entry may lack its key or value, and of one key the last wins',
    type: message('test.Map', { x: [1, map('string', 'int32')] }),
    bytes: '0a 00 0a 03 0a 01 61 0a 05 0a 01 62 10 01 0a 05 10 02 0a 01 62',
    value: {
      x: new Map([
        ['', 0],
        ['a', 0],
        ['b', 2],
      ]),
    },
  },
];

for (const { name, type, bytes, value } of lenient)
  test(name, () => assert.deepEqual(decode(type, hex(bytes)), value));

const malformed: readonly { name: string; content: Scalar | 'message'; bytes: string; problem: RegExp }[] = [
  { name: 'a tag that does not end', content: 'int32', bytes: '80', problem: /cut short at byte 1$/ },
  { name: 'a number that does not end', content: 'int32', bytes: '08 ff', problem: /cut short/ },
  { name: 'no number', content: 'int32', bytes: '08', problem: /cut short/ },
  { name: 'a float cut short', content: 'float', bytes: '0d 000000', problem: /cut short/ },
  { name: 'a double cut short', content: 'double', bytes: '09 00000000000000', problem: /cut short/ },
  { name: '65 bits', content: 'int64', bytes: '08 ffffffffffffffffff02', problem: /more than 64 bits/ },
  {
    name: 'eleven bytes',
    content: 'int64',
    bytes: '08 8080808080808080808001',
    problem: /more than 64 bits/,
  },
  {
    name: 'eleven bytes nobody asked for',
    content: 'bool',
    bytes: `10 ${'80'.repeat(11)}`,
    problem: /64 bits/,
  },
  { name: 'field 0', content: 'int32', bytes: '00 01', problem: /number out of range at byte 0/ },
  { name: 'field 2^29', content: 'int32', bytes: '8080808010 01', problem: /number out of range/ },
  {
    name: 'field 1 in six bytes',
    content: 'int32',
    bytes: '888080808000 01',
    problem: /out of range at byte 0/,
  },
  {
    name: 'a length in six bytes',
    content: 'string',
    bytes: '0a 818080808000 61',
    problem: /longer than what holds it at byte 1/,
  },
  { name: 'field 2^29 + 1', content: 'int32', bytes: '8880808010 01', problem: /number out of range/ },
  {
    name: 'a length past the end',
    content: 'string',
    bytes: '0a 02 61',
    problem: /longer than what holds it/,
  },
  {
    name: 'a length of 2 GiB',
    content: 'bytes',
    bytes: '0a ffffffff07',
    problem: /longer than what holds it/,
  },
  { name: 'a length of 2^63', content: 'bytes', bytes: '0a 80808080808080808001', problem: /longer than/ },
  { name: 'a length past the end, unknown', content: 'int32', bytes: '12 05', problem: /longer than/ },
  { name: 'a group', content: 'int32', bytes: '13 14', problem: /field 2 has the wire type 3/ },
  { name: 'the end of a group', content: 'int32', bytes: '14', problem: /wire type 4/ },
  { name: 'wire type 6', content: 'int32', bytes: '16', problem: /wire type 6/ },
  { name: 'wire type 7', content: 'int32', bytes: '17', problem: /wire type 7/ },
  {
    name: 'a string as a number',
    content: 'int32',
    bytes: '0a 00',
    problem: /x \(field 1\) .* wire type 2, not 0/,
  },
  { name: 'a number as a string', content: 'string', bytes: '08 00', problem: /wire type 0, not 2/ },
  { name: 'a double as a float', content: 'float', bytes: '09 0000000000000000', problem: /1, not 5/ },
  { name: 'a number as a message', content: 'message', bytes: '08 00', problem: /0, not 2/ },
  {
    name: 'a field across the end of its message',
    content: 'message',
    bytes: '0a 01 08 01',
    problem: /cut short/,
  },
  { name: 'a string across it', content: 'message', bytes: '0a 02 1a 01 61', problem: /longer than/ },
  { name: 'half a character', content: 'string', bytes: '0a 01 c3', problem: /not UTF-8 at byte 2/ },
  { name: 'a surrogate', content: 'string', bytes: '0a 03 eda080', problem: /not UTF-8/ },
  { name: 'a slash in two bytes', content: 'string', bytes: '0a 02 c0af', problem: /not UTF-8/ },
  {
    name: 'long text with a bad end',
    content: 'string',
    bytes: `0a 64 ${'61'.repeat(99)}ff`,
    problem: /UTF-8/,
  },
];

for (const { name, content, bytes, problem } of malformed) {
  const type: MessageType =
    content === 'message' ? message('test.Outer', { x: [1, InferParameter] }) : one(content);
  test(`${name} is malformed`, () => refuses(() => decode(type, hex(bytes)), problem));
}

function refuses(call: () => unknown, problem: RegExp): void {
  assert.throws(call, error => {
    assert(error instanceof AppError && error.code === 'message_malformed', String(error));
    assert.match(error.message, /^the message is not valid protobuf: /);
    assert.match(error.message, problem);
    return true;
  });
}

test('messages are nested 100 deep at most', () => {
  const fields: Record<string, Fields[string]> = {};
  const node: MessageType = message('test.Node', fields);
  fields['child'] = [1, node];
  const nest = (depth: number): Uint8Array => {
    let bytes: Uint8Array = Buffer.from([0x0a, 0x00]);
    for (let level = 2; level < depth; level++) bytes = encode(one('bytes'), { x: bytes });
    return bytes;
  };
  let depth = 0;
  for (let at: unknown = decode(node, nest(MOST_DEPTH)); at !== undefined; depth++)
    at = (at as { child: unknown }).child;
  assert.equal(depth, MOST_DEPTH);
  refuses(() => decode(node, nest(MOST_DEPTH + 1)), /nested deeper than 100/);
  refuses(() => decode(node, nest(3000)), /nested deeper than 100/);
});

test('messages side by side are not nested', () => {
  const value = { x: new Map(Array.from({ length: 3 * MOST_DEPTH }, (_, index) => [index, 'a'])) };
  const type = message('test.Map', { x: [1, map('int32', 'string')] });
  assert.deepEqual(decode(type, encode(type, value)), value);
});

test('the parts of a message are bounded, since two bytes can become a hundred', () => {
  const empty = Buffer.from([0x3a, 0x00]);
  const parts = (count: number): Buffer => Buffer.alloc(2 * count, empty);
  assert.equal(decode(ModelInferRequest, parts(MOST_PARTS)).raw_input_contents.length, MOST_PARTS);
  refuses(() => decode(ModelInferRequest, parts(MOST_PARTS + 1)), /more than 1000000 parts/);
});

test('bytes are views of the message', () => {
  const bytes = encode(one('bytes'), { x: Buffer.from('abc') });
  const { x } = decode(one('bytes'), bytes) as unknown as { x: Buffer };
  bytes[2] = 0x7a;
  assert.equal(x.toString(), 'zbc');
});

test('a message is read from any kind of bytes', () => {
  const whole = Uint8Array.from([1, 2, ...encode(one('int32'), { x: 5 }), 3]);
  assert.deepEqual(decode(one('int32'), whole.subarray(2, 4)), { x: 5 });
});

test('what no field can hold is a fault of ours, and is not cut off', () => {
  const cases: readonly [Scalar, unknown][] = [
    ['int32', 2 ** 31],
    ['int32', 1.5],
    ['uint32', -1],
    ['uint32', 2 ** 32],
    ['int64', 2n ** 63n],
    ['uint64', -1n],
  ];
  for (const [content, value] of cases)
    assert.throws(
      () => encode(one(content), { x: value } as object),
      error =>
        error instanceof AppError && error.code === 'internal' && error.message.includes(`is no ${content}`),
    );
});

test('a lone surrogate, which has no UTF-8, is written as U+FFFD', () => {
  for (const text of ['\ud800', `${'a'.repeat(100)}\ud800`])
    assert.deepEqual(decode(one('string'), encode(one('string'), { x: text })), {
      x: text.toWellFormed(),
    });
});

test('in pieces a message is the same, and large byte strings are handed on as they are', () => {
  const large = Buffer.alloc(100_000, 7);
  const small = Buffer.alloc(100, 8);
  const value = { model_name: 'digits', raw_output_contents: [small, large, large, small], id: 'é' };
  const pieces = encodePieces(ModelInferResponse, value, 5);
  assert.equal(pieces.filter(piece => piece === large).length, 2);
  assert.deepEqual(pieces[0]?.subarray(0, 5), Buffer.alloc(5));
  assert.deepEqual(Buffer.concat(pieces).subarray(5), encode(ModelInferResponse, value));
  const others = pieces.filter(piece => piece !== large);
  assert(
    others.every(({ buffer }) => buffer.byteLength < large.length),
    'no room was made for what is not copied',
  );
});

test('an empty message has no pieces but the room before it', () => {
  assert.deepEqual(encodePieces(ModelInferResponse, {}), []);
  assert.deepEqual(encodePieces(ModelInferResponse, {}, 5), [Buffer.alloc(5)]);
  assert.deepEqual(encode(ModelInferResponse, {}), Buffer.alloc(0));
});

test('types follow from the tables', () => {
  const bytes = encode(ModelInferRequest, {
    model_name: 'digits',
    parameters: new Map([['a', { parameter_choice: { case: 'int64_param', value: 1n } }]]),
    inputs: [{ name: 'x', shape: [1n, 2n], contents: { fp32_contents: [1, 2] } }],
  });
  const { inputs, parameters } = decode(ModelInferRequest, bytes);
  const shape: BigInt64Array | undefined = inputs[0]?.shape;
  const floats: Float32Array | undefined = inputs[0]?.contents?.fp32_contents;
  const choice = parameters.get('a')?.parameter_choice;
  const value: bigint | undefined = choice?.case === 'int64_param' ? choice.value : undefined;
  assert.deepEqual([shape, floats, value], [BigInt64Array.of(1n, 2n), Float32Array.of(1, 2), 1n]);
  // @ts-expect-error: a name is text.
  assert.throws(() => encode(ModelInferRequest, { model_name: 5 }));
  // @ts-expect-error: no such field.
  assert.deepEqual(encode(ModelInferRequest, { model: 'digits' }), Buffer.alloc(0));
  // @ts-expect-error: no such member.
  assert.throws(() => encode(InferParameter, { parameter_choice: { case: 'bytes_param', value: 1 } }));
});
