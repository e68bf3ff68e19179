/** Infer requests in JSON that are wrong, each in one way. */
import { bad, type Case, type Group, infer, inferText, input } from './case.ts';
import { F, ones, simpleInputs, sixteen } from './json.ts';

const [left = '', right = ''] = simpleInputs;
const simple = (first: string): ReturnType<typeof infer> => infer('simple', [first, right]);
const float = (shape: string, data: string): ReturnType<typeof infer> =>
  infer(F, [input('INPUT0', 'FP32', shape, data)]);
const one = (model: string, datatype: string, data: string): ReturnType<typeof infer> =>
  infer(model, [input('INPUT0', datatype, '[1,2]', data)]);

const bodies: readonly Case[] = [
  bad('an empty body', inferText('simple', '')),
  bad('an open brace', inferText('simple', '{')),
  bad('a list', inferText('simple', '[]')),
  bad('a string', inferText('simple', '"x"')),
  bad('null', inferText('simple', 'null')),
  bad('a byte order mark', inferText('simple', `\ufeff{"inputs":[${left},${right}]}`), 'strict-json'),
  bad('more behind the end', inferText('simple', `{"inputs":[${left},${right}]}x`)),
  bad('a second document', inferText('simple', `{"inputs":[${left},${right}]}{}`)),
  bad('a comment', inferText('simple', `/* */{"inputs":[${left},${right}]}`)),
  bad('a comma too many', inferText('simple', `{"inputs":[${left},${right},]}`)),
  bad('single quotes', inferText('simple', `{'inputs':[${left},${right}]}`)),
  bad('a line end within a string', inferText('simple', `{"id":"a\nb","inputs":[${left},${right}]}`)),
  bad(
    'a string that is not UTF-8',
    inferText(
      'simple',
      Buffer.concat([
        Buffer.from('{"id":"'),
        Buffer.from('fffe', 'hex'),
        Buffer.from(`","inputs":[${left},${right}]}`),
      ]),
    ),
    'strict-json',
  ),
  bad('UTF-16', inferText('simple', Buffer.from(`{"inputs":[${left},${right}]}`, 'utf16le'))),
  bad('no inputs', inferText('simple', '{}')),
  bad('inputs that are an object', inferText('simple', '{"inputs":{}}')),
  bad('inputs that are null', inferText('simple', '{"inputs":null}')),
  bad('inputs twice', inferText('simple', `{"inputs":[],"inputs":[${left},${right}]}`)),
  bad('an empty list of inputs', infer('simple', [])),
  bad('an input that is a number', infer('simple', ['7', right])),
  bad('lists 120 deep', float('[1,1]', `${'['.repeat(120)}1${']'.repeat(120)}`), 'strict-json'),
  bad(
    'a thousand brackets as data',
    inferText(F, `{"inputs":[{"name":"INPUT0","datatype":"FP32","shape":[1,1],"data":${'['.repeat(1_000)}`),
  ),
];

const members: readonly Case[] = [
  bad('an id that is a number', infer('simple', simpleInputs, '"id":7')),
  bad('an id that is null', infer('simple', simpleInputs, '"id":null')),
  bad('a parameter that is an object', infer('simple', simpleInputs, '"parameters":{"a":{}}')),
  bad('a parameter that is a list', infer('simple', simpleInputs, '"parameters":{"a":[1]}')),
  bad('a parameter that is null', infer('simple', simpleInputs, '"parameters":{"a":null}')),
  bad('parameters that are a string', infer('simple', simpleInputs, '"parameters":"x"')),
  bad('a reserved parameter', infer('simple', simpleInputs, '"parameters":{"triton_x":1}')),
  bad(
    'the reserved parameter __proto__',
    infer('simple', simpleInputs, '"parameters":{"triton___proto__":1}'),
  ),
  bad('outputs that are an object', infer('simple', simpleInputs, '"outputs":{}')),
  bad('an output that is a string', infer('simple', simpleInputs, '"outputs":["OUTPUT0"]')),
  bad('an output without a name', infer('simple', simpleInputs, '"outputs":[{}]')),
  bad('an unknown output', infer('simple', simpleInputs, '"outputs":[{"name":"DUMMY"}]')),
  bad(
    'an output twice',
    infer('simple', simpleInputs, '"outputs":[{"name":"OUTPUT0"},{"name":"OUTPUT0"}]'),
    'strict-json',
  ),
];

const inputs: readonly Case[] = [
  bad('one input of two', infer('simple', [left])),
  bad('a third input', infer('simple', [...simpleInputs, input('ZZZ', 'INT32', '[1,16]', ones)])),
  bad('a wrong name', infer('simple', [left, input('ZZZ', 'INT32', '[1,16]', ones)])),
  bad('an input of the name __proto__', infer('simple', [left, input('__proto__', 'INT32', '[1,16]', ones)])),
  bad('an input twice', infer('simple', [left, left])),
  bad('an input without a name', simple(left.replace('"name":"INPUT0",', ''))),
  bad('a name that is a number', simple(left.replace('"INPUT0"', '0'))),
  bad('another datatype', simple(left.replace('INT32', 'FP32'))),
  bad('an unknown datatype', simple(left.replace('INT32', 'FLOAT'))),
  bad('a datatype in small letters', simple(left.replace('INT32', 'int32'))),
  bad('a datatype that is a number', simple(left.replace('"INT32"', '5'))),
  bad('no datatype', simple(left.replace('"datatype":"INT32",', ''))),
  bad('no data', simple(left.replace(/,"data":.*/, '}'))),
  bad('data that are a number', simple(input('INPUT0', 'INT32', '[1,16]', '7'))),
  bad('data that are a string', simple(input('INPUT0', 'INT32', '[1,16]', '"x"'))),
  bad('data that are null', simple(input('INPUT0', 'INT32', '[1,16]', 'null'))),
  bad('data that are an object', simple(input('INPUT0', 'INT32', '[1,16]', '{}'))),
  bad('data twice', simple(left.replace('"data"', '"data":[],"data"'))),
];

const shapes: readonly Case[] = [
  bad(
    'other rows in each input',
    infer('simple', [left, input('INPUT1', 'INT32', '[2,16]', `[${sixteen},${ones}]`)]),
  ),
  bad(
    '15 columns where 16 are wanted',
    simple(input('INPUT0', 'INT32', '[1,15]', sixteen.replace('0,', ''))),
  ),
  bad(
    'one dimension too few',
    infer(
      'simple',
      simpleInputs.map(text => text.replace('[1,16]', '[16]')),
    ),
  ),
  bad(
    'one dimension too many',
    infer(
      'simple',
      simpleInputs.map(text => text.replace('[1,16]', '[1,1,16]')),
    ),
  ),
  bad('no dimensions', float('[]', '[1]')),
  bad('15 values for 16', simple(input('INPUT0', 'INT32', '[1,16]', sixteen.replace('0,', '')))),
  bad('17 values for 16', simple(input('INPUT0', 'INT32', '[1,16]', sixteen.replace('0,', '0,0,')))),
  bad('a size below 0', simple(left.replace('[1,16]', '[1,-16]'))),
  bad('a size of -1', float('[1,-1]', '[1]')),
  bad('a size with a fraction', simple(left.replace('[1,16]', '[1,1.5]'))),
  bad('a size that is a string', simple(left.replace('[1,16]', '["1",16]'))),
  bad('a size beyond 64 bits', float('[1,99999999999999999999]', '[1]')),
  bad('a shape that is null', simple(left.replace('[1,16]', 'null'))),
  bad('a shape that is a number', simple(left.replace('[1,16]', '16'))),
  bad('no shape', simple(left.replace('"shape":[1,16],', ''))),
  bad('sizes whose product passes 64 bits', float('[16,1152921504606846978]', '[1]')),
  bad('sizes whose bytes pass 64 bits', float('[4,1152921504606846978]', '[1]')),
  bad('no values for two', float('[1,2]', '[]')),
];

const elements: readonly Case[] = [
  bad('INT64 beyond 64 bits', one('zero_int64', 'INT64', '[9223372036854775808,0]')),
  bad('UINT64 beyond 64 bits', one('zero_uint64', 'UINT64', '[18446744073709551616,0]')),
  bad('UINT64 below 0', one('zero_uint64', 'UINT64', '[-1,0]')),
  bad('INT32 beyond 32 bits', one('zero_int32', 'INT32', '[2147483648,0]'), 'out-of-range'),
  bad('UINT32 beyond 32 bits', one('zero_uint32', 'UINT32', '[4294967296,0]'), 'out-of-range'),
  bad('UINT8 of 256', one('zero_uint8', 'UINT8', '[256,0]'), 'out-of-range'),
  bad('UINT8 of -1', one('zero_uint8', 'UINT8', '[-1,0]')),
  bad('INT8 of 128', one('zero_int8', 'INT8', '[128,0]'), 'out-of-range'),
  bad('INT16 of 40000', one('zero_int16', 'INT16', '[40000,0]'), 'out-of-range'),
  bad('an integer with a fraction', one('zero_int32', 'INT32', '[1.5,0]')),
  bad('an integer that is a string', one('zero_int32', 'INT32', '["1",0]')),
  bad('an integer that is true', one('zero_int32', 'INT32', '[true,0]')),
  bad('an integer that is null', one('zero_int32', 'INT32', '[null,0]')),
  bad('an integer that is an object', one('zero_int32', 'INT32', '[{},0]')),
  bad('an integer that is NaN', one('zero_int32', 'INT32', '[NaN,0]')),
  bad('an integer with a leading 0', one('zero_int32', 'INT32', '[01,0]')),
  bad('BOOL of 1 and 0', one('zero_bool', 'BOOL', '[1,0]')),
  bad('BOOL of "true"', one('zero_bool', 'BOOL', '["true",false]')),
  bad('FP32 of 1e39', one(F, 'FP32', '[1e39,0]'), 'out-of-range'),
  bad('FP32 of 1e400', one(F, 'FP32', '[1e400,0]')),
  bad('FP64 of 1e400', one('zero_fp64', 'FP64', '[1e400,0]')),
  bad('FP32 of a string', one(F, 'FP32', '["1.5",0]')),
  bad('FP32 of true', one(F, 'FP32', '[true,0]')),
  bad('FP32 of +1', one(F, 'FP32', '[+1,0]')),
  bad('FP32 of .5', one(F, 'FP32', '[.5,0]')),
  bad('FP16 in JSON', one('zero_fp16', 'FP16', '[1,2]')),
  bad('BYTES of a number', one('zero_bytes', 'BYTES', '[1,"a"]')),
  bad('BYTES of null', one('zero_bytes', 'BYTES', '[null,"a"]')),
  bad('BYTES with half a surrogate pair', one('zero_bytes', 'BYTES', '["\\ud800","a"]')),
];

export const malformedGroups: readonly Group[] = [
  { title: 'Wrong bodies', cases: bodies },
  { title: 'Wrong members', cases: members },
  { title: 'Wrong inputs', cases: inputs },
  { title: 'Wrong shapes', cases: shapes },
  { title: 'Wrong elements', cases: elements },
];

/** Asked last, for Triton does not outlive it. */
export const fatalGroup: Group = {
  title: 'Requests that end Triton',
  cases: [
    bad('a size of 2^62', float('[1,4611686018427387904]', '[1]'), 'ends-triton'),
    bad(
      'classes of strings',
      infer(
        'zero_bytes',
        [input('INPUT0', 'BYTES', '[1,2]', '["a","b"]')],
        '"outputs":[{"name":"OUTPUT0","parameters":{"classification":1}}]',
      ),
      'ends-triton',
    ),
    bad('half a million brackets', inferText(F, '['.repeat(500_000)), 'ends-triton'),
  ],
};
