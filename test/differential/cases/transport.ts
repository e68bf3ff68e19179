/** Content types, compression, framing: what lies between HTTP and an infer request. */
import { deflateSync, gzipSync } from 'node:zlib';
import { answers, bad, binaryInput, body, type Case, type Group, good, inferText, input } from './case.ts';
import { ones, simpleInputs, sixteen } from './json.ts';

const text = body(simpleInputs);
const simple = (
  headers: Record<string, string>,
  bytes: string | Buffer = text,
): ReturnType<typeof inferText> => inferText('simple', bytes, headers);
const called = (headers: Record<string, string>, bytes?: string | Buffer): ReturnType<typeof inferText> =>
  simple({ 'Content-Type': 'application/json', ...headers }, bytes);
const BINARY_OUT = '"parameters":{"binary_data_output":true}';

const types: readonly Case[] = [
  good('no Content-Type', simple({})),
  good('application/json', simple({ 'Content-Type': 'application/json' })),
  good('application/json with a charset', simple({ 'Content-Type': 'application/json; charset=utf-8' })),
  good('text/plain', simple({ 'Content-Type': 'text/plain' }), 'mlserver-type'),
  good(
    'JSON called application/octet-stream',
    simple({ 'Content-Type': 'application/octet-stream' }),
    'mlserver-type',
  ),
  good(
    'JSON called a form, as curl -d does',
    simple({ 'Content-Type': 'application/x-www-form-urlencoded' }),
    'mlserver-type',
  ),
  good('an Accept that asks for something else', called({ Accept: 'text/html' })),
];

const binaryBody = body(
  [binaryInput('INPUT0', 'INT32', '[1,16]', 64), binaryInput('INPUT1', 'INT32', '[1,16]', 64)],
  BINARY_OUT,
);
const tensors = [sixteen, ones].map(list =>
  Buffer.from(Int32Array.from(JSON.parse(list) as number[]).buffer),
);
const framed = Buffer.concat([Buffer.from(binaryBody), ...tensors]);
const N = { 'Inference-Header-Content-Length': String(Buffer.byteLength(binaryBody)) };

const compressed: readonly Case[] = [
  good('a body in gzip', called({ 'Content-Encoding': 'gzip' }, gzipSync(text))),
  good('a body in deflate', called({ 'Content-Encoding': 'deflate' }, deflateSync(text))),
  good('a body in identity', called({ 'Content-Encoding': 'identity' })),
  good(
    'a body in GZIP, in capitals',
    called({ 'Content-Encoding': 'GZIP' }, gzipSync(text)),
    'encoding-case',
  ),
  good('a binary body in gzip', simple({ ...N, 'Content-Encoding': 'gzip' }, gzipSync(framed))),
  good('a binary body in deflate', simple({ ...N, 'Content-Encoding': 'deflate' }, deflateSync(framed))),
  answers(415, 'a body in br', called({ 'Content-Encoding': 'br' })),
  answers(415, 'a body in zstd', called({ 'Content-Encoding': 'zstd' })),
  answers(
    415,
    'a body in gzip twice',
    called({ 'Content-Encoding': 'gzip, gzip' }, gzipSync(gzipSync(text))),
  ),
  bad('plain text called gzip', called({ 'Content-Encoding': 'gzip' })),
  bad('gzip that breaks off', called({ 'Content-Encoding': 'gzip' }, gzipSync(text).subarray(0, -12))),
  bad(
    'gzip with more behind it',
    called({ 'Content-Encoding': 'gzip' }, Buffer.concat([gzipSync(text), Buffer.from('more')])),
    'strict-gzip',
  ),
  bad('no bytes called gzip', called({ 'Content-Encoding': 'gzip' }, '')),
];

const accepted: readonly Case[] = [
  ...[
    'gzip',
    'deflate',
    'identity',
    'br',
    'gzip;q=0',
    'gzip;q=0.5, deflate;q=0.8',
    'gzip, deflate',
    'identity;q=0.1, gzip',
    '',
  ].map(value =>
    good(`Accept-Encoding: ${value === '' ? '(empty)' : value}`, called({ 'Accept-Encoding': value })),
  ),
  good('Accept-Encoding: *', called({ 'Accept-Encoding': '*' }), 'encoding-any'),
  good(
    'a small answer in gzip',
    inferText('zero_int8', body([input('INPUT0', 'INT8', '[1,1]', '[1]')]), { 'Accept-Encoding': 'gzip' }),
    'encoding-small',
  ),
  good('binary outputs in gzip', called({ 'Accept-Encoding': 'gzip' }, body(simpleInputs, BINARY_OUT))),
  good(
    'binary both ways in gzip both ways',
    simple({ ...N, 'Content-Encoding': 'gzip', 'Accept-Encoding': 'gzip' }, gzipSync(framed)),
  ),
  good(
    'metadata in gzip',
    { method: 'GET', path: '/v2/models/simple', headers: { 'Accept-Encoding': 'gzip' } },
    'encoding-all',
  ),
  bad('a refusal in gzip', called({ 'Accept-Encoding': 'gzip' }, '{}')),
  bad(
    'a long refusal in gzip',
    called({ 'Accept-Encoding': 'gzip' }, body([input('x'.repeat(300), 'INT32', '[1,16]', sixteen)])),
    'encoding-all',
  ),
];

const framing: readonly Case[] = [
  good('a chunked body', { ...called({}), chunkBytes: 100 }),
  good('a body in chunks of one byte', { ...called({}), chunkBytes: 1 }),
  good('Expect: 100-continue', called({ Expect: '100-continue' })),
  good(
    '1 MiB of JSON',
    inferText(
      'onnx_zero_1_float32',
      body([`{"name":"INPUT0","datatype":"FP32","shape":[1,262144],"data":[${'1.5,'.repeat(262_143)}2]}`]),
    ),
  ),
];

/** What every server should take alike. */
export const framingGroups: readonly Group[] = [
  { title: 'Content types', cases: types },
  { title: 'Framing', cases: framing },
];

export const compressionGroups: readonly Group[] = [
  { title: 'Compressed requests', cases: compressed },
  { title: 'Compressed answers', cases: accepted },
];
