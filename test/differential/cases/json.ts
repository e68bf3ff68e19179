/** Infer requests in JSON that must succeed. */
import { bad, type Case, type Group, good, infer, inferText, input } from './case.ts';

export const sixteen = '[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15]';
export const ones = `[${Array.from({ length: 16 }, () => 1).join(',')}]`;
export const simpleInputs = [
  input('INPUT0', 'INT32', '[1,16]', sixteen),
  input('INPUT1', 'INT32', '[1,16]', ones),
];
export const F = 'onnx_zero_1_float32';
const numbers = (count: number): string =>
  `[${Array.from({ length: count }, (_, index) => index).join(',')}]`;
const rows = (count: number): string[] =>
  ['INPUT0', 'INPUT1'].map(name => input(name, 'INT32', `[${count},16]`, numbers(16 * count)));

const forms: readonly Case[] = [
  good('two inputs, flat', infer('simple', simpleInputs)),
  good(
    'two inputs, nested',
    infer('simple', [
      input('INPUT0', 'INT32', '[1,16]', `[${sixteen}]`),
      input('INPUT1', 'INT32', '[1,16]', `[${ones}]`),
    ]),
  ),
  good('to a version', { ...infer('simple', simpleInputs), path: '/v2/models/simple/versions/1/infer' }),
  good('with a query', { ...infer('simple', simpleInputs), path: '/v2/models/simple/infer?test_1=1' }),
  good('eight rows', infer('simple', rows(8))),
  good('nine rows where eight are the most', infer('simple', rows(9)), 'largest-batch'),
  good(
    'two rows, nested',
    infer(
      'simple',
      ['INPUT0', 'INPUT1'].map(name => input(name, 'INT32', '[2,16]', `[${sixteen},${ones}]`)),
    ),
  ),
  good('inputs in the other order', infer('simple', simpleInputs.toReversed())),
  good(
    'members of an input in another order',
    infer('simple', [
      `{"data":${sixteen},"shape":[1,16],"datatype":"INT32","name":"INPUT0"}`,
      simpleInputs[1] ?? '',
    ]),
  ),
  good('inputs before all else', inferText('simple', `{"inputs":[${simpleInputs.join(',')}],"id":"7"}`)),
  good(
    'three inputs of their own sizes',
    infer(
      'onnx_zero_3_float32',
      [1, 2, 3].map(size => input(`INPUT${size - 1}`, 'FP32', `[1,${size}]`, numbers(size))),
    ),
  ),
  good('no elements', infer(F, [input('INPUT0', 'FP32', '[1,0]', '[]')])),
  good('no rows', infer(F, [input('INPUT0', 'FP32', '[0,4]', '[]')]), 'no-rows'),
  good(
    'a matrix of a model without a batch',
    infer('pairs', [input('INPUT0', 'FP32', '[2,3]', '[[1,2,3],[4,5,6]]')]),
  ),
  good(
    'ragged lists of the right count',
    infer(F, [input('INPUT0', 'FP32', '[2,2]', '[[1,2,3],[4]]')]),
    'mlserver-numpy',
  ),
  good(
    'blanks, tabs and line ends between all',
    inferText('simple', `\n{ "inputs" :\t[ ${simpleInputs.join(' ,\r\n ')} ] }\n `),
  ),
  good(
    'lists 50 deep around one value',
    infer(F, [input('INPUT0', 'FP32', '[1,1]', `${'['.repeat(50)}1${']'.repeat(50)}`)]),
  ),
  good(
    'an escaped name',
    inferText('simple', `{"inputs":[${simpleInputs.join(',').replace('INPUT0', '\\u0049NPUT0')}]}`),
  ),
];

const outputs: readonly Case[] = [
  good('one output', infer('simple', simpleInputs, '"outputs":[{"name":"OUTPUT1"}]'), 'mlserver-outputs'),
  good(
    'both outputs, the second first',
    infer('simple', simpleInputs, '"outputs":[{"name":"OUTPUT1"},{"name":"OUTPUT0"}]'),
    'output-order',
    'mlserver-outputs',
  ),
  good('an empty list of outputs', infer('simple', simpleInputs, '"outputs":[]')),
  good(
    'an output with no parameters',
    infer('simple', simpleInputs, '"outputs":[{"name":"OUTPUT0","parameters":{}}]'),
    'mlserver-outputs',
  ),
  good('an id', infer('simple', simpleInputs, '"id":"42"')),
  good('an empty id', infer('simple', simpleInputs, '"id":""')),
  good(
    'an id with all that needs escapes',
    infer('simple', simpleInputs, '"id":"a\\"b\\\\c\\u0001\\né😀"'),
    'mlserver-header',
  ),
  good(
    'parameters of every kind',
    infer('simple', simpleInputs, '"parameters":{"foo":1,"bar":true,"baz":"s","q":1.5}'),
  ),
  good('no parameters', infer('simple', simpleInputs, '"parameters":{}')),
  good('unknown members', infer('simple', simpleInputs, '"model_name":"simple"', '"extra":{"a":[1,{}]}')),
  good(
    'unknown members of an input',
    infer('simple', [`{"extra":[null],${simpleInputs[0]?.slice(1)}`, simpleInputs[1] ?? '']),
  ),
  good(
    'the priority and the timeout that a client may set',
    infer('simple', simpleInputs, '"parameters":{"priority":0,"timeout":5000000}'),
  ),
];

/** One request for each datatype, with the values at its ends. */
const values: readonly (readonly [string, string, string])[] = [
  ['zero_int8', 'INT8', '-128,127,0'],
  ['zero_int16', 'INT16', '-32768,32767,0'],
  ['zero_int64', 'INT64', '9223372036854775807,-9223372036854775808,9007199254740993'],
  ['zero_uint8', 'UINT8', '0,255,128'],
  ['zero_uint16', 'UINT16', '0,65535,1'],
  ['zero_uint32', 'UINT32', '0,4294967295,1'],
  ['zero_uint64', 'UINT64', '18446744073709551615,9007199254740993,0'],
  ['zero_bool', 'BOOL', 'true,false,true'],
  [F, 'FP32', '1.5,-2.25,3'],
  ['zero_fp64', 'FP64', '1.5,-2.25,3'],
  ['zero_bytes', 'BYTES', '"a","","é"'],
];

const elements: readonly Case[] = [
  ...values.map(([model, datatype, data]) =>
    good(`${datatype} at its ends`, infer(model, [input('INPUT0', datatype, '[1,3]', `[${data}]`)])),
  ),
  good('FP32 of 1435774380', infer(F, [input('INPUT0', 'FP32', '[1,1]', '[1435774380]')])),
  good('FP32 of 0.1 and 1e-45', infer(F, [input('INPUT0', 'FP32', '[1,2]', '[0.1,1e-45]')])),
  good(
    'FP32 at all its ends',
    infer(F, [
      input('INPUT0', 'FP32', '[1,4]', '[3.4028235e38,-3.4028235e38,1.17549435e-38,1.401298464324817e-45]'),
    ]),
  ),
  good('FP32 of -0.0', infer(F, [input('INPUT0', 'FP32', '[1,2]', '[-0.0,0.0]')])),
  good(
    'FP32 of NaN and infinities',
    infer(F, [input('INPUT0', 'FP32', '[1,3]', '[NaN,Infinity,-Infinity]')]),
    'mlserver-tokens',
  ),
  good(
    'FP64 that need all digits',
    infer('zero_fp64', [input('INPUT0', 'FP64', '[1,4]', '[0.1,5e-324,1.7976931348623157e308,-0.0]')]),
  ),
  good(
    'FP64 of NaN and infinities',
    infer('zero_fp64', [input('INPUT0', 'FP64', '[1,3]', '[NaN,Infinity,-Infinity]')]),
    'mlserver-tokens',
  ),
  good(
    'INT32 written as 1.0',
    infer('zero_int32', [input('INPUT0', 'INT32', '[1,2]', '[1.0,2]')]),
    'whole-numbers',
  ),
  good(
    'INT32 written as 1e1',
    infer('zero_int32', [input('INPUT0', 'INT32', '[1,2]', '[1e1,2]')]),
    'whole-numbers',
  ),
  good(
    'strings of many kinds',
    infer('zero_bytes', [input('INPUT0', 'BYTES', '[1,4]', '["","é","😀","\\ud83d\\ude00"]')]),
  ),
  bad(
    'a string with a NUL',
    infer('zero_bytes', [input('INPUT0', 'BYTES', '[1,1]', '["a\\u0000b"]')]),
    'onnx-strings',
  ),
  good(
    'strings that need escapes',
    infer('zero_bytes', [
      input('INPUT0', 'BYTES', '[1,3]', '["\\"","\\\\ \\/","\\b\\f\\n\\r\\t\\u001f\\u007f"]'),
    ]),
  ),
];

export const jsonGroups: readonly Group[] = [
  { title: 'Infer in JSON: forms', cases: forms },
  { title: 'Infer in JSON: outputs and parameters', cases: outputs },
  { title: 'Infer in JSON: elements', cases: elements },
];
