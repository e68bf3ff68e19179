/** Infer requests with tensors as bytes behind the JSON, in both directions. */
import { fixtures } from '../fixtures.ts';
import {
  bad,
  binary,
  binaryInput,
  body,
  type Case,
  type Group,
  good,
  infer,
  inferText,
  input,
} from './case.ts';
import { F, ones, simpleInputs, sixteen } from './json.ts';

const [left = '', right = ''] = simpleInputs;
const integers = (text: string): Buffer => Buffer.from(Int32Array.from(JSON.parse(text) as number[]).buffer);
const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const BINARY_OUT = '"parameters":{"binary_data_output":true}';
const leftBinary = binaryInput('INPUT0', 'INT32', '[1,16]', 64);
const rightBinary = binaryInput('INPUT1', 'INT32', '[1,16]', 64);
const both = [integers(sixteen), integers(ones)];

/** One input of a model with one, its bytes in hexadecimal. */
function raw(model: string, shape: string, hex: string, ...rest: string[]): ReturnType<typeof binary> {
  const data = bytes(hex);
  const datatype = fixtures.find(({ name }) => name === model)?.datatype ?? '';
  return binary(model, body([binaryInput('INPUT0', datatype, shape, data.length)], ...rest), [data]);
}

const goods: readonly Case[] = [
  good('binary inputs', binary('simple', body([leftBinary, rightBinary]), both)),
  good('binary inputs and outputs', binary('simple', body([leftBinary, rightBinary], BINARY_OUT), both)),
  good('JSON inputs, binary outputs', infer('simple', simpleInputs, BINARY_OUT)),
  good(
    'one input JSON, one binary; so the outputs',
    binary(
      'simple',
      body(
        [left, rightBinary],
        '"outputs":[{"name":"OUTPUT0","parameters":{"binary_data":true}},{"name":"OUTPUT1"}]',
      ),
      both.slice(1),
    ),
  ),
  good(
    'binary outputs but one',
    infer(
      'simple',
      simpleInputs,
      BINARY_OUT,
      '"outputs":[{"name":"OUTPUT0"},{"name":"OUTPUT1","parameters":{"binary_data":false}}]',
    ),
    'binary-default',
  ),
  good(
    'binary outputs, the second first',
    infer(
      'simple',
      simpleInputs,
      '"outputs":[{"name":"OUTPUT1","parameters":{"binary_data":true}},{"name":"OUTPUT0","parameters":{"binary_data":true}}]',
    ),
    'output-order',
  ),
  good(
    'binary_data_output of false',
    infer('simple', simpleInputs, '"parameters":{"binary_data_output":false}'),
  ),
  good(
    'binary inputs in the other order',
    binary('simple', body([rightBinary, leftBinary]), both.toReversed()),
  ),
  good('an id with binary outputs', infer('simple', simpleInputs, '"id":"a"', BINARY_OUT)),
  good(
    'parameters before a binary input',
    binary(
      'simple',
      body([
        left,
        '{"parameters":{"binary_data_size":64,"x":1},"name":"INPUT1","shape":[1,16],"datatype":"INT32"}',
      ]),
      both.slice(1),
    ),
  ),
  good('no elements in binary, both ways', raw(F, '[1,0]', '', BINARY_OUT)),
  good('blanks at the end of the JSON', binary('simple', `${body([leftBinary, rightBinary])}  `, both)),
];

const datatypes: readonly Case[] = (
  [
    ['zero_int8', 'INT8', '80 7f'],
    ['zero_int16', 'INT16', '0080 ff7f'],
    ['zero_int32', 'INT32', '00000080 ffffff7f'],
    ['zero_int64', 'INT64', '0000000000000080 ffffffffffffff7f'],
    ['zero_uint8', 'UINT8', '00 ff'],
    ['zero_uint16', 'UINT16', '0000 ffff'],
    ['zero_uint32', 'UINT32', '00000000 ffffffff'],
    ['zero_uint64', 'UINT64', '0000000000000000 ffffffffffffffff'],
    ['zero_bool', 'BOOL', '00 01'],
    ['zero_fp16', 'FP16', '003c 00c0'],
    [F, 'FP32', '0000c07f 00000080'],
    ['zero_fp64', 'FP64', '000000000000f87f 0000000000000080'],
    ['zero_bytes', 'BYTES', '02000000 c3a9 00000000'],
  ] as const
).flatMap(([model, datatype, hex]) => [
  good(`${datatype} in binary, both ways`, raw(model, '[1,2]', hex, BINARY_OUT)),
  ...(datatype === 'FP16' || datatype === 'BYTES'
    ? []
    : [good(`${datatype} from binary to JSON`, raw(model, '[1,2]', hex))]),
]);

const special: readonly Case[] = [
  good(
    'BYTES from JSON to binary',
    infer('zero_bytes', [input('INPUT0', 'BYTES', '[1,2]', '["é",""]')], BINARY_OUT),
  ),
  good('BYTES from binary to JSON', raw('zero_bytes', '[1,2]', '02000000 6162 00000000')),
  bad(
    'BYTES that are not UTF-8, both ways',
    raw('zero_bytes', '[1,1]', '02000000 fffe', BINARY_OUT),
    'onnx-strings',
  ),
  bad('BYTES that are not UTF-8, to JSON', raw('zero_bytes', '[1,1]', '02000000 fffe'), 'onnx-strings'),
  bad('FP16 from binary to JSON', raw('zero_fp16', '[1,2]', '003c 00c0')),
  bad('BOOL of 2', raw('zero_bool', '[1,2]', '02 ff', BINARY_OUT), 'out-of-range'),
  good('a float that is a signalling NaN', raw(F, '[1,1]', '0100a07f', BINARY_OUT)),
];

const N = 'Inference-Header-Content-Length';
const rawBody = (model: string, data: Buffer): ReturnType<typeof inferText> =>
  inferText(model, data, { [N]: '0' });

const rawCases: readonly Case[] = [
  good('bytes alone', rawBody(F, floats(1, 2, 3, 4, 5, 6, 7, 8))),
  good('bytes alone, no Content-Type', rawBody('zero_uint8', Buffer.from('abc'))),
  good('bytes alone, as one string', rawBody('bytes_one', Buffer.from('hello'))),
  good('bytes alone, for fixed sizes', rawBody('four_scores', floats(1, 2, 3, 4))),
  bad('bytes alone, too few for fixed sizes', rawBody('four_scores', floats(1, 2, 3))),
  bad('bytes alone, of no whole element', rawBody(F, Buffer.from('abcde'))),
  good('bytes alone, none', rawBody(F, Buffer.alloc(0))),
  bad('bytes alone, for three inputs', rawBody('onnx_zero_3_float32', floats(1))),
  good('bytes alone, for fixed and free sizes', rawBody('pairs', floats(1, 2, 3, 4))),
  bad('bytes alone, for two free sizes', rawBody('cube', floats(1, 2, 3, 4))),
  good('bytes alone, for strings of a free size', rawBody('zero_bytes', Buffer.from('abc')), 'raw-string'),
];

const json = body([leftBinary, rightBinary]);
const length = Buffer.byteLength(json);
const header = (value: string | readonly string[]): ReturnType<typeof binary> =>
  binary('simple', json, both, value);

const framing: readonly Case[] = [
  bad('a JSON length one too small', header(String(length - 1))),
  bad('a JSON length one too large', header(String(length + 1))),
  bad('a JSON length that is no number', header('abc')),
  bad('a JSON length below 0', header('-1')),
  bad('a JSON length beyond 32 bits', header('99999999999')),
  bad('a JSON length beyond the body', header('100000')),
  bad('a JSON length in exponent form', header('1e2')),
  bad('a JSON length in hexadecimal', header('0x10')),
  bad('an empty JSON length', header('')),
  bad('two JSON lengths', header([String(length), String(length)]), 'two-lengths'),
  bad(
    'binary inputs without a JSON length',
    inferText('simple', Buffer.concat([Buffer.from(json), ...both])),
  ),
  bad('a binary size in a body that is all JSON', inferText('simple', json)),
  bad('a byte too few', binary('simple', json, [both[0] ?? Buffer.alloc(0), integers(ones).subarray(1)])),
  bad('a byte too many', binary('simple', json, [...both, Buffer.alloc(1)])),
  bad('bytes behind inputs in JSON', binary('simple', body(simpleInputs), [Buffer.alloc(4)])),
];

const size = (value: string, data: Buffer): ReturnType<typeof binary> =>
  binary('simple', body([binaryInput('INPUT0', 'INT32', '[1,16]', value), right]), [data]);

const sizes: readonly Case[] = [
  bad('60 bytes for 64', size('60', Buffer.alloc(60))),
  bad('68 bytes for 64', size('68', Buffer.alloc(68))),
  bad('a binary size below 0', size('-4', Buffer.alloc(64))),
  bad('a binary size that is a string', size('"64"', Buffer.alloc(64))),
  bad('a binary size with a fraction', size('64.5', Buffer.alloc(64))),
  bad('a binary size of 2^53', size('9007199254740992', Buffer.alloc(64))),
  bad('a binary size beyond 64 bits', size('18446744073709551680', Buffer.alloc(64))),
  bad('a binary size that is null', size('null', Buffer.alloc(64))),
  bad(
    'a shape of 2^64 elements and no bytes',
    binary(F, body([binaryInput('INPUT0', 'FP32', '[4294967296,4294967296]', 0)]), []),
  ),
  bad(
    'data and a binary size',
    binary('simple', body([`${left.slice(0, -1)},"parameters":{"binary_data_size":64}}`, right]), [
      both[0] ?? Buffer.alloc(0),
    ]),
  ),
  bad(
    'neither data nor a binary size',
    infer('simple', ['{"name":"INPUT0","datatype":"INT32","shape":[1,16],"parameters":{}}', right]),
  ),
  bad(
    'a region of shared memory',
    infer('simple', [
      '{"name":"INPUT0","datatype":"INT32","shape":[1,16],"parameters":{"shared_memory_region":"r","shared_memory_byte_size":64}}',
      right,
    ]),
    'shared-memory',
  ),
  bad(
    'binary_data that is a number',
    infer('simple', simpleInputs, '"outputs":[{"name":"OUTPUT0","parameters":{"binary_data":1}}]'),
  ),
  bad(
    'binary_data_output that is a string',
    infer('simple', simpleInputs, '"parameters":{"binary_data_output":"true"}'),
  ),
];

const strings = (hex: string): ReturnType<typeof raw> => raw('zero_bytes', '[1,2]', hex);

const byteStrings: readonly Case[] = [
  bad('a string past the end', strings('02000000 6162 09000000 63')),
  bad('three bytes behind the strings', strings('01000000 61 01000000 62 000000')),
  bad('three strings for two', strings('01000000 61 01000000 62 01000000 63')),
  bad('one string for two', strings('01000000 61')),
  bad('a string of 4 GiB in 4 bytes', strings('ffffffff')),
  bad('no strings for two', strings('')),
];

const scores = (count: string, data: string, rows = 1): ReturnType<typeof infer> =>
  infer(
    'four_scores',
    [input('INPUT0', 'FP32', `[${rows},4]`, data)],
    `"outputs":[{"name":"OUTPUT0","parameters":{"classification":${count}}}]`,
  );
const ONE_ROW = '[1,5,10,4]';

const classification: readonly Case[] = [
  good('the two best classes', scores('2', ONE_ROW)),
  good('all classes', scores('4', ONE_ROW)),
  good('more classes than there are', scores('99', ONE_ROW)),
  good('the best class of each of two rows', scores('1', '[1,5,10,4,-1.5,0.25,-3,0]', 2)),
  good('classes of equal scores', scores('3', '[7,7,7,7]')),
  good('classes of scores with many digits', scores('4', '[0.1,1e-9,123456789,-0.0]')),
  good('classes of infinite scores', scores('4', '[Infinity,-Infinity,7,0]')),
  good('classes of NaN', scores('4', '[7,NaN,8,0]'), 'nan-class'),
  good(
    'classes of integers',
    infer(
      'zero_int32',
      [input('INPUT0', 'INT32', '[1,2]', '[3,-4]')],
      '"outputs":[{"name":"OUTPUT0","parameters":{"classification":2}}]',
    ),
  ),
  good(
    'classes in binary',
    infer(
      'four_scores',
      [input('INPUT0', 'FP32', '[1,4]', ONE_ROW)],
      '"outputs":[{"name":"OUTPUT0","parameters":{"classification":2,"binary_data":true}}]',
    ),
  ),
  good('no classes', scores('0', ONE_ROW)),
  bad('classes of a negative number', scores('-1', ONE_ROW)),
  bad('classes of a string', scores('"2"', ONE_ROW)),
];

export const binaryGroups: readonly Group[] = [
  { title: 'Binary tensors', cases: goods },
  { title: 'Binary tensors: datatypes', cases: [...datatypes, ...special] },
  { title: 'Classification', cases: classification },
  { title: 'Binary tensors: a body of bytes alone', cases: rawCases },
  { title: 'Binary tensors: wrong framing', cases: framing },
  { title: 'Binary tensors: wrong sizes', cases: [...sizes, ...byteStrings] },
];
