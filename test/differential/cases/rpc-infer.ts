/** Infer calls over gRPC: elements in `contents` and as raw bytes, and what is wrong with them. */
import { fixtures } from '../fixtures.ts';
import type { RpcRequest } from '../rpc-exchange.ts';
import { type Case, calls, type Group, rpc } from './case.ts';

const F = 'onnx_zero_1_float32';
const INVALID = 'INVALID_ARGUMENT';
const counted = Array.from({ length: 16 }, (_, index) => index);
const ones = counted.map(() => 1);
const int32s = (...values: number[]): Buffer => Buffer.from(Int32Array.from(values).buffer);
const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const raws = [int32s(...counted), int32s(...ones)];

export function tensor(
  name: string,
  datatype: string,
  shape: readonly (number | string)[],
  more = {},
): object {
  return { name, datatype, shape, ...more };
}

const left = tensor('INPUT0', 'INT32', [1, 16]);
const right = tensor('INPUT1', 'INT32', [1, 16]);
const typed = [
  tensor('INPUT0', 'INT32', [1, 16], { contents: { int_contents: counted } }),
  tensor('INPUT1', 'INT32', [1, 16], { contents: { int_contents: ones } }),
];

export const withBytes = { model_name: 'simple', inputs: [left, right], raw_input_contents: raws };
export const withContents = { model_name: 'simple', inputs: typed };

const infer = (message: object): RpcRequest => rpc('ModelInfer', message);

function datatypeOf(model: string): string {
  return fixtures.find(({ name }) => name === model)?.datatype ?? '';
}

/** One input of a model with one, as raw bytes. */
function raw(model: string, shape: readonly (number | string)[], data: Buffer, more = {}): RpcRequest {
  const inputs = [tensor('INPUT0', datatypeOf(model), shape)];
  return infer({ model_name: model, inputs, raw_input_contents: [data], ...more });
}

/** One input of a model with one, as typed elements. */
function list(model: string, field: string, values: readonly unknown[], more = {}): RpcRequest {
  const contents = { [field]: values };
  const shape = [1, values.length];
  return infer({
    model_name: model,
    inputs: [tensor('INPUT0', datatypeOf(model), shape, { contents })],
    ...more,
  });
}

const forms: readonly Case[] = [
  calls('OK', 'gRPC: two inputs in contents', infer(withContents)),
  calls('OK', 'gRPC: two inputs as bytes', infer(withBytes)),
  calls('OK', 'gRPC: to a version', infer({ ...withBytes, model_version: '1' })),
  calls('OK', 'gRPC: an id', infer({ ...withBytes, id: 'é 42' }), 'mlserver-header'),
  calls(
    'OK',
    'gRPC: inputs in the other order',
    infer({ ...withBytes, inputs: [right, left], raw_input_contents: raws.toReversed() }),
  ),
  calls(
    'OK',
    'gRPC: one output',
    infer({ ...withBytes, outputs: [{ name: 'OUTPUT1' }] }),
    'mlserver-outputs',
  ),
  calls(
    'OK',
    'gRPC: both outputs, the second first',
    infer({ ...withBytes, outputs: [{ name: 'OUTPUT1' }, { name: 'OUTPUT0' }] }),
    'output-order',
    'mlserver-outputs',
  ),
  calls(
    'OK',
    'gRPC: parameters of every kind',
    infer({
      ...withBytes,
      parameters: {
        a: { bool_param: true },
        b: { int64_param: 1 },
        c: { string_param: 's' },
        d: { double_param: 1.5 },
        e: { uint64_param: 1 },
      },
    }),
    'rpc-parameters',
  ),
  calls(
    'OK',
    'gRPC: three inputs of their own sizes',
    infer({
      model_name: 'onnx_zero_3_float32',
      inputs: [1, 2, 3].map(size => tensor(`INPUT${size - 1}`, 'FP32', [1, size])),
      raw_input_contents: [1, 2, 3].map(size => floats(...counted.slice(0, size))),
    }),
  ),
  calls('OK', 'gRPC: no elements', raw(F, [1, 0], Buffer.alloc(0))),
  calls('OK', 'gRPC: no rows', raw(F, [0, 4], Buffer.alloc(0)), 'no-rows'),
  calls('OK', 'gRPC: a matrix of a model without a batch', raw('pairs', [2, 2], floats(1, 2, 3, 4))),
  calls(
    'OK',
    'gRPC: nine rows where eight are the most',
    raw('zero_int32', [9, 1], int32s(...counted.slice(0, 9))),
    'largest-batch',
  ),
  calls('OK', 'gRPC: messages in gzip', { ...infer(withBytes), gzip: true }),
  calls(
    'OK',
    'gRPC: a tensor of 5 MiB',
    raw(F, [1, (5 * 2 ** 20) / 4], Buffer.alloc(5 * 2 ** 20, '0123456789abcdef')),
    'mlserver-size',
  ),
];

/** Per datatype: the model, the field of its contents, elements at its ends, and bytes. */
const datatypes: readonly (readonly [string, string, readonly unknown[], string])[] = [
  ['zero_int8', 'int_contents', [-128, 127], '80 7f'],
  ['zero_int16', 'int_contents', [-32768, 32767], '0080 ff7f'],
  ['zero_int32', 'int_contents', [-(2 ** 31), 2 ** 31 - 1], '00000080 ffffff7f'],
  [
    'zero_int64',
    'int64_contents',
    ['-9223372036854775808', '9223372036854775807'],
    '0000000000000080 ffffffffffffff7f',
  ],
  ['zero_uint8', 'uint_contents', [0, 255], '00 ff'],
  ['zero_uint16', 'uint_contents', [0, 65535], '0000 ffff'],
  ['zero_uint32', 'uint_contents', [0, 2 ** 32 - 1], '00000000 ffffffff'],
  ['zero_uint64', 'uint64_contents', ['0', '18446744073709551615'], '0000000000000000 ffffffffffffffff'],
  ['zero_bool', 'bool_contents', [false, true], '00 01'],
  [F, 'fp32_contents', [0.1, -0], '0000c03f 00000080'],
  ['zero_fp64', 'fp64_contents', [0.1, -0], '000000000000f83f 0000000000000080'],
  ['zero_bytes', 'bytes_contents', [Buffer.from('é'), Buffer.alloc(0)], '02000000 c3a9 00000000'],
];

const elements: readonly Case[] = [
  ...datatypes.flatMap(([model, field, values, hex]) => [
    calls('OK', `gRPC: ${datatypeOf(model)} in contents`, list(model, field, values)),
    calls('OK', `gRPC: ${datatypeOf(model)} as bytes`, raw(model, [1, 2], bytes(hex))),
  ]),
  calls(
    'OK',
    'gRPC: FP64 of NaN and an infinity in contents',
    list('zero_fp64', 'fp64_contents', [Number.NaN, Number.NEGATIVE_INFINITY]),
    'mlserver-nan',
  ),
  calls('OK', 'gRPC: FP16 as bytes', raw('zero_fp16', [1, 2], bytes('003c 00c0'))),
  calls('OK', 'gRPC: a float that is a signalling NaN', raw(F, [1, 1], bytes('0100a07f')), 'mlserver-nan'),
  calls(
    INVALID,
    'gRPC: strings that are not UTF-8, as bytes',
    raw('zero_bytes', [1, 1], bytes('02000000 fffe')),
    'onnx-strings',
  ),
  calls(
    INVALID,
    'gRPC: strings that are not UTF-8, in contents',
    list('zero_bytes', 'bytes_contents', [bytes('fffe')]),
    'onnx-strings',
  ),
  calls(
    INVALID,
    'gRPC: a string with a NUL',
    list('zero_bytes', 'bytes_contents', [bytes('610062')]),
    'onnx-strings',
  ),
  calls(INVALID, 'gRPC: BOOL of 2', raw('zero_bool', [1, 2], bytes('02 ff')), 'out-of-range'),
];

const wrong: readonly Case[] = [
  calls(INVALID, 'gRPC: contents beside bytes', infer({ ...withContents, raw_input_contents: raws })),
  calls(
    INVALID,
    'gRPC: contents for one input, bytes for the other',
    infer({ ...withContents, inputs: [typed[0], right], raw_input_contents: raws.slice(1) }),
  ),
  calls(
    INVALID,
    'gRPC: bytes for one input of two',
    infer({ ...withBytes, raw_input_contents: raws.slice(1) }),
  ),
  calls(
    INVALID,
    'gRPC: bytes for three inputs of two',
    infer({ ...withBytes, raw_input_contents: [...raws, Buffer.alloc(64)] }),
    'strict-rpc',
  ),
  calls(INVALID, 'gRPC: inputs without elements', infer({ model_name: 'simple', inputs: [left, right] })),
  calls(INVALID, 'gRPC: no inputs', infer({ model_name: 'simple' })),
  calls(INVALID, 'gRPC: one input of two', infer({ ...withContents, inputs: typed.slice(1) })),
  calls(INVALID, 'gRPC: an input twice', infer({ ...withContents, inputs: [typed[0], ...typed] })),
  calls(
    INVALID,
    'gRPC: an input that is none',
    infer({ ...withBytes, inputs: [left, tensor('NOPE', 'INT32', [1, 16])] }),
  ),
  calls(
    INVALID,
    "gRPC: a datatype that is not the model's",
    infer({ ...withBytes, inputs: [left, tensor('INPUT1', 'FP32', [1, 16])] }),
  ),
  calls(
    INVALID,
    'gRPC: a datatype that is none',
    infer({ ...withBytes, inputs: [left, tensor('INPUT1', 'NOPE', [1, 16])] }),
  ),
  calls(INVALID, 'gRPC: an output that is none', infer({ ...withBytes, outputs: [{ name: 'NOPE' }] })),
  calls(
    INVALID,
    'gRPC: an output twice',
    infer({ ...withBytes, outputs: [{ name: 'OUTPUT0' }, { name: 'OUTPUT0' }] }),
    'strict-rpc',
  ),
  calls(INVALID, 'gRPC: floats for INT32', list('zero_int32', 'fp32_contents', [1, 2])),
  calls(
    INVALID,
    'gRPC: integers and floats for INT32',
    infer({
      model_name: 'zero_int32',
      inputs: [tensor('INPUT0', 'INT32', [1, 1], { contents: { int_contents: [1], fp32_contents: [1] } })],
    }),
  ),
  calls(INVALID, 'gRPC: 300 for INT8', list('zero_int8', 'int_contents', [300, 0]), 'out-of-range'),
  calls(INVALID, 'gRPC: -40000 for INT16', list('zero_int16', 'int_contents', [-40_000]), 'out-of-range'),
  calls(INVALID, 'gRPC: 256 for UINT8', list('zero_uint8', 'uint_contents', [256]), 'out-of-range'),
  calls(INVALID, 'gRPC: floats for FP16', list('zero_fp16', 'fp32_contents', [1, 2])),
  calls(
    INVALID,
    'gRPC: a reserved parameter',
    infer({ ...withBytes, parameters: { triton_x: { bool_param: true } } }),
  ),
];

const sizes: readonly Case[] = [
  calls(INVALID, 'gRPC: a byte too few', raw(F, [1, 2], Buffer.alloc(7))),
  calls(INVALID, 'gRPC: a byte too many', raw(F, [1, 2], Buffer.alloc(9))),
  calls(
    INVALID,
    'gRPC: an element too few',
    infer({
      ...withContents,
      inputs: [typed[1], tensor('INPUT0', 'INT32', [1, 16], { contents: { int_contents: [1] } })],
    }),
  ),
  calls(INVALID, 'gRPC: a size below 0', raw(F, [-1, 16], floats(...counted))),
  calls(INVALID, 'gRPC: a shape beyond 64 bits', raw(F, [String(2n ** 62n), String(2n ** 62n)], floats(1))),
  calls(INVALID, 'gRPC: a shape of 2^64 elements and no bytes', raw(F, [2 ** 32, 2 ** 32], Buffer.alloc(0))),
  calls(INVALID, 'gRPC: a shape of one size too few', raw(F, [2], floats(1, 2))),
  calls(INVALID, 'gRPC: a shape of one size too many', raw(F, [1, 1, 2], floats(1, 2))),
  calls(INVALID, 'gRPC: an empty shape', raw(F, [], floats(1))),
  calls(
    INVALID,
    "gRPC: another size than the model's",
    infer({ ...withBytes, inputs: [tensor('INPUT0', 'INT32', [2, 8]), right] }),
  ),
  calls(
    INVALID,
    'gRPC: rows that differ',
    infer({
      ...withBytes,
      inputs: [left, tensor('INPUT1', 'INT32', [2, 16])],
      raw_input_contents: [raws[0], Buffer.alloc(128)],
    }),
  ),
  calls(INVALID, 'gRPC: a string past the end', raw('zero_bytes', [1, 1], bytes('09000000 63'))),
  calls(INVALID, 'gRPC: one string for two', raw('zero_bytes', [1, 2], bytes('01000000 61'))),
  calls(
    INVALID,
    'gRPC: three strings for two',
    raw('zero_bytes', [1, 2], bytes('00000000 00000000 00000000')),
  ),
  calls(INVALID, 'gRPC: bytes behind a string', raw('zero_bytes', [1, 1], bytes('00000000 0000'))),
  calls(INVALID, 'gRPC: a string of 4 GiB in 4 bytes', raw('zero_bytes', [1, 1], bytes('ffffffff'))),
];

const unknown: readonly Case[] = [
  calls('NOT_FOUND', 'gRPC: infer with an unknown model', infer({ ...withBytes, model_name: 'nope' })),
  calls('NOT_FOUND', 'gRPC: infer with an unknown version', infer({ ...withBytes, model_version: '99' })),
  calls(
    INVALID,
    'gRPC: a version that is no number',
    infer({ ...withBytes, model_version: 'x' }),
    'mlserver-version',
  ),
  calls(INVALID, 'gRPC: a version below 0', infer({ ...withBytes, model_version: '-2' }), 'mlserver-version'),
  calls('NOT_FOUND', 'gRPC: infer without a model', infer({ inputs: withBytes.inputs })),
];

const classes = (count: object, more = {}): RpcRequest =>
  raw('four_scores', [1, 4], floats(1, 5, 10, 4), {
    outputs: [{ name: 'OUTPUT0', parameters: { classification: count } }],
    ...more,
  });

const classification: readonly Case[] = [
  calls('OK', 'gRPC: the two best classes', classes({ int64_param: 2 })),
  calls(
    'OK',
    'gRPC: the two best classes, counted without a sign',
    classes({ uint64_param: 2 }),
    'rpc-parameters',
  ),
  calls('OK', 'gRPC: more classes than there are', classes({ int64_param: 99 })),
  calls('OK', 'gRPC: no classes', classes({ int64_param: 0 }), 'rpc-parameters'),
  calls(INVALID, 'gRPC: classes of a negative number', classes({ int64_param: -1 })),
  calls(INVALID, 'gRPC: classes of a string', classes({ string_param: '2' })),
];

export const rpcInferGroups: readonly Group[] = [
  { title: 'gRPC: infer', cases: forms },
  { title: 'gRPC: elements', cases: elements },
  { title: 'gRPC: wrong inputs', cases: wrong },
  { title: 'gRPC: wrong sizes', cases: sizes },
  { title: 'gRPC: unknown models', cases: unknown },
];

export const rpcClassGroup: Group = { title: 'gRPC: classification', cases: classification };
