/**
 * What must never hurt: bad requests over the three protocols, bad bytes on the wire, bad command lines and files. Each
 * gets its status or exit code and one clear sentence, and after each the server answers a good request.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { identityModel } from '../src/server/fixtures/onnx-file.ts';
import { type Program, root, run, startProgram } from './programs/fairlead.ts';

const good = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'utf8');
const row = (JSON.parse(good) as { inputs: number[][] }).inputs[0] ?? [];
const floats = JSON.stringify(row);

/** The servers under test: one float input, and several inputs with integers. */
let digits: Program;
let diabetes: Program;
before(async () => {
  const limits = ['--max-body', '100k', '--request-time', '1s', '--log-level', 'error'];
  digits = await startProgram(['serve', 'examples/digits/models/digits/2', ...limits]);
  diabetes = await startProgram(['serve', 'examples/diabetes/models/diabetes/1', ...limits]);
});
after(async () => {
  await digits.stop();
  await diabetes.stop();
});

interface BadRequest {
  readonly name: string;
  readonly to?: 'diabetes';
  readonly method?: string;
  readonly path: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly says: RegExp;
}

const PREDICT = '/predict';
const ROWS = '/v1/models/digits:predict';
const INFER = '/v2/models/digits/infer';
const infer = (tensor: string): string => `{"inputs": [{${tensor}}]}`;
const tensor = `"name": "pixels", "datatype": "FP32", "shape": [1, 64]`;

const badRequests: readonly BadRequest[] = [
  // The plain protocol, worded as FastAPI words it.
  { name: 'an empty body', path: PREDICT, body: '', status: 422, says: /json_invalid/ },
  { name: 'an open brace', path: PREDICT, body: '{', status: 422, says: /not valid JSON.*byte 1/ },
  {
    name: 'half a million brackets',
    path: PREDICT,
    body: '['.repeat(90_000),
    status: 422,
    says: /deeper than 100/,
  },
  {
    name: 'half a million brackets in place',
    path: PREDICT,
    body: `{"inputs": ${'['.repeat(90_000)}`,
    status: 422,
    says: /deeper than 100/,
  },
  { name: 'a list for a body', path: PREDICT, body: '[1]', status: 422, says: /must be an object/ },
  { name: 'no inputs', path: PREDICT, body: '{}', status: 422, says: /'inputs' is missing/ },
  {
    name: 'inputs twice',
    path: PREDICT,
    body: '{"inputs": [], "inputs": []}',
    status: 422,
    says: /twice|dimensions/,
  },
  {
    name: 'inputs that are a string',
    path: PREDICT,
    body: '{"inputs": "x"}',
    status: 422,
    says: /dimensions|wants/,
  },
  { name: 'null inputs', path: PREDICT, body: '{"inputs": null}', status: 422, says: /dimensions|wants/ },
  {
    name: 'no rows',
    path: PREDICT,
    body: '{"inputs": []}',
    status: 422,
    says: /wants 2 dimensions and has 1/,
  },
  { name: 'a bare row', path: PREDICT, body: `{"inputs": ${floats}}`, status: 422, says: /wrap one row/ },
  {
    name: 'a short row',
    path: PREDICT,
    body: '{"inputs": [[1, 2]]}',
    status: 422,
    says: /Expected \[-1,64\], got \[1,2\]/,
  },
  {
    name: 'ragged rows',
    path: PREDICT,
    body: '{"inputs": [[1, 2], [3]]}',
    status: 422,
    says: /not rectangular/,
  },
  {
    name: 'a string among numbers',
    path: PREDICT,
    body: good.replace('[[0', '[["no"'),
    status: 422,
    says: /element \[0,0\] is \\"no\\"/,
  },
  {
    name: 'true among numbers',
    path: PREDICT,
    body: good.replace('[[0', '[[true'),
    status: 422,
    says: /element \[0,0\] is true/,
  },
  {
    name: '1e400',
    path: PREDICT,
    body: good.replace('[[0', '[[1e400'),
    status: 422,
    says: /fits FP32.*1e400/,
  },
  {
    name: '1e39, too large for FP32',
    path: PREDICT,
    body: good.replace('[[0', '[[1e39'),
    status: 422,
    says: /fits FP32/,
  },
  {
    name: 'a leading zero',
    path: PREDICT,
    body: good.replace('[[0', '[[007'),
    status: 422,
    says: /needless 0/,
  },
  {
    name: 'a comma too many',
    path: PREDICT,
    body: '{"inputs": [[1,]]}',
    status: 422,
    says: /a value was expected/,
  },
  { name: 'text after the end', path: PREDICT, body: `${good}x`, status: 422, says: /more text/ },
  { name: 'a byte order mark', path: PREDICT, body: `\ufeff${good}`, status: 422, says: /byte 0/ },
  { name: 'UTF-16', path: PREDICT, body: Buffer.from(good, 'utf16le'), status: 422, says: /not valid JSON/ },
  {
    name: 'bytes that are not UTF-8',
    path: PREDICT,
    body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    status: 422,
    says: /UTF-8/,
  },
  {
    name: 'an unknown input name',
    path: PREDICT,
    body: `{"inputs": {"pixel": [${floats}]}}`,
    status: 422,
    says: /unexpected inference input 'pixel'.*pixels/,
  },
  {
    name: '__proto__ as an input',
    path: PREDICT,
    body: `{"inputs": {"__proto__": [${floats}]}}`,
    status: 422,
    says: /unexpected inference input '__proto__'/,
  },
  {
    name: 'a number for an integer input',
    to: 'diabetes',
    path: PREDICT,
    body: '{"inputs": {"measurements": [[1,2,3,4,5,6,7,8]], "age": [1.5], "sex": [1]}}',
    status: 422,
    says: /integer that fits INT64.*1\.5/,
  },
  {
    name: 'an integer beyond 64 bits',
    to: 'diabetes',
    path: PREDICT,
    body: '{"inputs": {"measurements": [[1,2,3,4,5,6,7,8]], "age": [9223372036854775808], "sex": [1]}}',
    status: 422,
    says: /9223372036854775808/,
  },
  {
    name: 'a missing input',
    to: 'diabetes',
    path: PREDICT,
    body: '{"inputs": {"age": [1], "sex": [1]}}',
    status: 422,
    says: /expected 3 inputs but got 2/,
  },
  {
    name: 'a list where inputs need names',
    to: 'diabetes',
    path: PREDICT,
    body: '{"inputs": [[1, 2]]}',
    status: 422,
    says: /several inputs.*\\"sex\\"/,
  },
  {
    name: 'different row counts',
    to: 'diabetes',
    path: PREDICT,
    body: '{"inputs": {"measurements": [[1,2,3,4,5,6,7,8]], "age": [1, 2], "sex": [1]}}',
    status: 422,
    says: /batch size does not match/,
  },
  { name: 'GET for a prediction', method: 'GET', path: PREDICT, status: 405, says: /use POST/ },
  { name: 'PUT for a prediction', method: 'PUT', path: PREDICT, body: good, status: 405, says: /use POST/ },
  {
    name: 'an unknown model',
    path: '/models/nope/predict',
    body: good,
    status: 404,
    says: /'nope' is not found/,
  },
  {
    name: 'a broken escape in a name',
    path: '/models/%zz/predict',
    body: good,
    status: 404,
    says: /nothing at/,
  },
  {
    name: 'a path up and out',
    path: '/models/..%2f..%2fetc/predict',
    body: good,
    status: 404,
    says: /nothing at/,
  },
  { name: 'an unknown path', method: 'GET', path: '/nothing', status: 404, says: /nothing at \/nothing/ },
  { name: 'POST for metrics', path: '/metrics', body: '', status: 405, says: /use GET/ },
  {
    name: 'an oversized body',
    path: PREDICT,
    body: Buffer.alloc(200_000, ' '),
    status: 413,
    says: /limit of 100000 bytes/,
  },
  {
    name: 'an encoding it cannot decode',
    path: PREDICT,
    body: good,
    headers: { 'content-encoding': 'br' },
    status: 415,
    says: /'br' is not supported/,
  },
  // TensorFlow Serving.
  {
    name: 'both forms',
    path: ROWS,
    body: '{"instances": [1], "inputs": [1]}',
    status: 400,
    says: /only one of|Expected/,
  },
  { name: 'neither form', path: ROWS, body: '{}', status: 400, says: /Missing 'inputs' or 'instances' key/ },
  { name: 'no instances', path: ROWS, body: '{"instances": []}', status: 400, says: /No values found/ },
  { name: 'an object of instances', path: ROWS, body: '{"instances": {}}', status: 400, says: /list\/array/ },
  {
    name: 'an extra key in a row',
    path: ROWS,
    body: `{"instances": [{"pixels": ${floats}, "x": 1}]}`,
    status: 400,
    says: /does not have named input 'x'/,
  },
  {
    name: 'a missing key in a row',
    path: ROWS,
    body: '{"instances": [{}]}',
    status: 400,
    says: /must be equal to: pixels/,
  },
  {
    name: 'rows of two shapes',
    path: ROWS,
    body: '{"instances": [{"pixels": [1]}, {"pixels": [[1]]}]}',
    status: 400,
    says: /Expecting shape \[1\] but got: \[1,1\]/,
  },
  {
    name: 'a missing column',
    path: ROWS,
    body: '{"inputs": {"x": [1]}}',
    status: 400,
    says: /Missing named input: pixels/,
  },
  {
    name: 'a signature that is a number',
    path: ROWS,
    body: `{"signature_name": 5, "instances": [${floats}]}`,
    status: 400,
    says: /must be a string value/,
  },
  {
    name: 'an unknown signature',
    path: ROWS,
    body: `{"signature_name": "x", "instances": [${floats}]}`,
    status: 400,
    says: /not found in signature def/,
  },
  {
    name: 'an unknown model of TensorFlow Serving',
    path: '/v1/models/nope:predict',
    body: '{}',
    status: 404,
    says: /Servable not found for request: Latest\(nope\)/,
  },
  {
    name: 'an unknown version of TensorFlow Serving',
    path: '/v1/models/digits/versions/50:predict',
    body: '{}',
    status: 404,
    says: /Servable not found/,
  },
  {
    name: 'an unknown label',
    path: '/v1/models/digits/labels/stable:predict',
    body: '{}',
    status: 400,
    says: /Unrecognized servable version label/,
  },
  { name: 'GET for :predict', method: 'GET', path: ROWS, status: 400, says: /Malformed request: GET/ },
  {
    name: 'a malformed path of TensorFlow Serving',
    path: '/v1/models/digits/version/1:predict',
    body: '{}',
    status: 400,
    says: /Malformed request: POST/,
  },
  {
    name: 'malformed JSON to TensorFlow Serving',
    path: ROWS,
    body: '{"instances": [1,',
    status: 400,
    says: /JSON/,
  },
  // OIP/V2.
  { name: 'no inputs list', path: INFER, body: '{}', status: 400, says: /no 'inputs' list/ },
  {
    name: 'an object for the inputs list',
    path: INFER,
    body: '{"inputs": {}}',
    status: 400,
    says: /must be a list/,
  },
  {
    name: 'an id that is a number',
    path: INFER,
    body: '{"id": 7, "inputs": []}',
    status: 400,
    says: /'id' must be a string/,
  },
  {
    name: 'an unknown datatype',
    path: INFER,
    body: infer('"name": "pixels", "datatype": "FLOAT", "shape": [1, 64], "data": [1]'),
    status: 400,
    says: /unknown datatype \\"FLOAT\\"/,
  },
  {
    name: 'another datatype',
    path: INFER,
    body: infer('"name": "pixels", "datatype": "INT32", "shape": [1, 64], "data": [1]'),
    status: 400,
    says: /data-type is 'INT32', but model 'digits' expects 'FP32'/,
  },
  {
    name: 'a negative size',
    path: INFER,
    body: infer('"name": "pixels", "datatype": "FP32", "shape": [1, -64], "data": [1]'),
    status: 400,
    says: /list of sizes/,
  },
  {
    name: 'a fractional size',
    path: INFER,
    body: infer('"name": "pixels", "datatype": "FP32", "shape": [1, 1.5], "data": [1]'),
    status: 400,
    says: /list of sizes/,
  },
  {
    name: 'a shape that overflows 64 bits',
    path: INFER,
    body: infer('"name": "pixels", "datatype": "FP32", "shape": [16, 1152921504606846978], "data": [1]'),
    status: 400,
    says: /exceed/,
  },
  {
    name: 'a shape that overflows 53 bits',
    path: INFER,
    body: infer('"name": "pixels", "datatype": "FP32", "shape": [4294967296, 4294967296], "data": [1]'),
    status: 400,
    says: /exceeds/,
  },
  {
    name: 'fewer elements than the shape',
    path: INFER,
    body: infer(`${tensor}, "data": [1, 2, 3]`),
    status: 400,
    says: /has 3 elements, but its shape \[1,64\] needs 64/,
  },
  { name: 'no data', path: INFER, body: infer(tensor), status: 400, says: /must set only one/ },
  {
    name: 'data that is no list',
    path: INFER,
    body: infer(`${tensor}, "data": 7`),
    status: 400,
    says: /must be a list/,
  },
  {
    name: 'an unknown output',
    path: INFER,
    body: `{"inputs": [{${tensor}, "data": ${floats}}], "outputs": [{"name": "x"}]}`,
    status: 400,
    says: /unexpected inference output 'x'/,
  },
  {
    name: 'an output twice',
    path: INFER,
    body: `{"inputs": [{${tensor}, "data": ${floats}}], "outputs": [{"name": "probabilities"}, {"name": "probabilities"}]}`,
    status: 400,
    says: /already exists/,
  },
  {
    name: 'a parameter that is an object',
    path: INFER,
    body: '{"parameters": {"a": {}}, "inputs": []}',
    status: 400,
    says: /must be a string, number or boolean/,
  },
  {
    name: 'a reserved parameter',
    path: INFER,
    body: '{"parameters": {"triton_x": 1}, "inputs": []}',
    status: 400,
    says: /reserved/,
  },
  {
    name: 'ten thousand inputs',
    path: INFER,
    body: `{"inputs": [${Array.from({ length: 10_000 }, () => '{}').join()}]}`,
    status: 400,
    says: /has no 'name'|expected 1 inputs but got 10000/,
  },
  {
    name: 'an unknown model of V2',
    path: '/v2/models/nope/infer',
    body: '{}',
    status: 404,
    says: /Request for unknown model: 'nope' is not found/,
  },
  {
    name: 'an unknown version of V2',
    method: 'GET',
    path: '/v2/models/digits/versions/99',
    status: 404,
    says: /version 99 is not found/,
  },
  { name: 'an unknown path of V2', method: 'GET', path: '/v2/nothing', status: 404, says: /nothing at/ },
  { name: 'GET for infer', method: 'GET', path: INFER, status: 405, says: /use POST/ },
  { name: 'a name of NUL', path: '/v2/models/%00/infer', body: '{}', status: 404, says: /nothing at/ },
];

for (const { name, to, method = 'POST', path, body, headers = {}, status, says } of badRequests) {
  test(`${method} ${path} with ${name} is ${status}`, async () => {
    const { url } = to === 'diabetes' ? diabetes : digits;
    const answer = await fetch(url + path, {
      method,
      headers,
      ...(body !== undefined && { body: new Uint8Array(Buffer.from(body)) }),
    });
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    assert.match(text, says);
    JSON.parse(text);
    if (status === 405) assert.notEqual(answer.headers.get('allow'), null);
    await stillServes();
  });
}

async function stillServes(): Promise<void> {
  const answer = await fetch(`${digits.url}/predict`, { method: 'POST', body: good });
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /"model_version":"2"/);
}

const wire: readonly { name: string; bytes: string; says: RegExp }[] = [
  {
    name: 'something that is not HTTP',
    bytes: '\x16\x03\x01\x02\x00hello\r\n\r\n',
    says: /^HTTP\/1\.1 400 [^]*not a valid HTTP request/,
  },
  {
    name: 'headers without end',
    bytes: `GET / HTTP/1.1\r\nHost: x\r\n${'x-a: b\r\n'.repeat(4000)}`,
    says: /^HTTP\/1\.1 431 [^]*headers are larger/,
  },
  {
    name: 'two lengths',
    bytes: 'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}',
    says: /^HTTP\/1\.1 400 /,
  },
  {
    name: 'a length and chunks',
    bytes:
      'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    says: /^HTTP\/1\.1 400 /,
  },
  {
    name: 'a negative length',
    bytes: 'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    says: /^HTTP\/1\.1 400 /,
  },
  {
    name: 'a chunk size that is no number',
    bytes: 'POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    says: /^HTTP\/1\.1 400 /,
  },
  {
    name: 'half a body and then silence',
    bytes: 'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{"inputs"',
    says: /^HTTP\/1\.1 408 [^]*did not arrive within 1 seconds/,
  },
  {
    name: 'half a head and then silence',
    bytes: 'POST /predict HTTP/1.1\r\nHost:',
    says: /^HTTP\/1\.1 408 /,
  },
];

for (const { name, bytes, says } of wire) {
  test(`on the wire, ${name} is answered and closed`, async () => {
    assert.match(await exchange(bytes, false), says);
    await stillServes();
  });
}

test('on the wire, a body that is cut is nobody else’s trouble', async () => {
  await exchange('POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{"inputs"', true);
  await stillServes();
});

test('on the wire, an oversized body in chunks is refused before it ends', async () => {
  const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
  const answer = await exchange(
    `POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`,
    false,
  );
  assert.match(answer, /^HTTP\/1\.1 413 /);
  await stillServes();
});

/** Sends bytes and collects what comes back until the server closes; `cut` hangs up at once. */
function exchange(bytes: string, cut: boolean): Promise<string> {
  const socket = connect(Number(new URL(digits.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', chunk => (text += chunk.toString('latin1')));
  socket.write(bytes, 'latin1', () => cut && socket.destroy());
  return new Promise(resolve => {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(text));
  });
}

interface BadCommand {
  readonly name: string;
  readonly args: readonly string[];
  readonly code: number;
  readonly says: RegExp;
}

const folder = mkdtempSync(join(tmpdir(), 'fairlead-bad-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const service = (spec: string): string => `kind: ModelService\nmetadata: {name: x}\nspec:\n${spec}`;
mkdirSync(join(folder, 'empty'));
mkdirSync(join(folder, 'two'));
write('two/a.onnx', 'a');
write('two/b.onnx', 'b');

const badCommands: readonly BadCommand[] = [
  { name: 'no verb', args: [], code: 2, says: /a verb is missing/ },
  { name: 'an unknown verb', args: ['serv'], code: 2, says: /unknown command 'serv'.*Did you mean serve/ },
  { name: 'an unknown flag', args: ['serve', '--prot', '1'], code: 2, says: /unknown option '--prot'/ },
  { name: 'no model', args: ['serve'], code: 2, says: /no model is named/ },
  {
    name: 'a port that is no number',
    args: ['serve', 'examples/digits/models/digits/1', '--port', 'x'],
    code: 2,
    says: /--port must be a whole number from 0 to 65535/,
  },
  {
    name: 'a port out of range',
    args: ['serve', 'examples/digits/models/digits/1', '--port', '70000'],
    code: 2,
    says: /0 to 65535/,
  },
  {
    name: 'a size without sense',
    args: ['serve', 'examples/digits/models/digits/1', '--max-body', '64MB'],
    code: 2,
    says: /--max-body must be a size such as 64Mi, 1G or 4096, not '64MB'/,
  },
  {
    name: 'a duration without unit',
    args: ['serve', 'examples/digits/models/digits/1', '--grace', '30'],
    code: 2,
    says: /--grace must be a duration such as 500ms, 2s or 5m, not '30'/,
  },
  {
    name: 'a duration of two days',
    args: ['serve', 'examples/digits/models/digits/1', '--request-time', '48h'],
    code: 2,
    says: /at most 24h/,
  },
  {
    name: 'a drain delay beyond the grace',
    args: ['serve', 'examples/digits/models/digits/1', '--drain-delay', '30s', '--grace', '30s'],
    code: 2,
    says: /--drain-delay 30s must be shorter than --grace 30s/,
  },
  {
    name: 'a grace of nothing',
    args: ['serve', 'examples/digits/models/digits/1', '--grace', '0s'],
    code: 2,
    says: /--grace must be at least 1s, not '0s'/,
  },
  {
    name: 'half a millisecond',
    args: ['serve', 'examples/digits/models/digits/1', '--request-time', '1.5ms'],
    code: 2,
    says: /--request-time must be whole milliseconds, not '1\.5ms'/,
  },
  {
    name: 'no time for a request',
    args: ['serve', 'examples/digits/models/digits/1', '--request-time', '0s'],
    code: 2,
    says: /--request-time must be at least 1ms, not '0s'/,
  },
  {
    name: 'no room for a body',
    args: ['serve', 'examples/digits/models/digits/1', '--max-body', '0'],
    code: 2,
    says: /--max-body must be more than 0, not '0'/,
  },
  {
    name: 'a name that no path carries',
    args: ['serve', 'examples/digits/models/digits/1', '--name', 'a/b'],
    code: 2,
    says: /--name must be at most 63 letters, digits, dots and dashes, not 'a\/b'/,
  },
  {
    name: 'a version that no path carries',
    args: ['serve', 'examples/digits/models/digits/1', '--model-version', 'a b'],
    code: 2,
    says: /--model-version must be at most 63 letters, digits, dots and dashes, not 'a b'/,
  },
  {
    name: 'an address of nothing',
    args: ['serve', 'examples/digits/models/digits/1', '--host', ''],
    code: 2,
    says: /--host must not be empty/,
  },
  {
    name: 'a missing model',
    args: ['serve', join(folder, 'nope.onnx')],
    code: 2,
    says: /nope\.onnx: the model is not there/,
  },
  {
    name: 'a model that is not ONNX',
    args: ['serve', write('text.onnx', 'hello'), '--port', '0'],
    code: 3,
    says: /not a valid ONNX model/,
  },
  {
    name: 'an empty model',
    args: ['serve', write('empty.onnx', ''), '--port', '0'],
    code: 3,
    says: /not a valid ONNX model/,
  },
  {
    name: 'a model with an INT4 output',
    args: ['serve', write('int4.onnx', identityModel(22, ['N'])), '--port', '0'],
    code: 3,
    says: /int4/,
  },
  {
    name: 'a model with a bfloat16 output',
    args: ['serve', write('bf16.onnx', identityModel(16, ['N'])), '--port', '0'],
    code: 3,
    says: /bfloat16/,
  },
  { name: 'an empty folder', args: ['serve', join(folder, 'empty')], code: 2, says: /holds no model file/ },
  {
    name: 'a folder with two models',
    args: ['serve', join(folder, 'two')],
    code: 2,
    says: /holds a\.onnx, b\.onnx/,
  },
  {
    name: 'a scheme that was forgotten',
    args: ['serve', 'ghcr.io/acme/digits:3'],
    code: 2,
    says: /the model is not there; did you mean oci:\/\/ghcr\.io\/acme\/digits:3\?/,
  },
  {
    name: 'a scheme that nobody knows',
    args: ['serve', 's4://bucket/model.onnx'],
    code: 2,
    says: /the scheme 's4' is not known/,
  },
  {
    name: 'an address that is not here',
    args: ['serve', 'examples/digits/models/digits/1', '--host', '192.0.2.1'],
    code: 3,
    says: /cannot listen on 192\.0\.2\.1/,
  },
  { name: 'up without a path', args: ['up'], code: 2, says: /missing required argument 'path'/ },
  { name: 'up with a missing file', args: ['up', join(folder, 'nope.yaml')], code: 2, says: /is not there/ },
  {
    name: 'up with YAML that is none',
    args: ['up', write('none.yaml', 'a: [1')],
    code: 2,
    says: /line 1, column 6: .*is not valid YAML/,
  },
  {
    name: 'up with a misspelt key',
    args: ['up', write('key.yaml', service('  modle: {uri: x}\n'))],
    code: 2,
    says: /line 4, column 3: spec\.modle is not a known key; did you mean 'model'\?/,
  },
  {
    name: 'up with a wrong type',
    args: ['up', write('type.yaml', service('  model: {uri: x}\n  replicas: "2"\n'))],
    code: 2,
    says: /line 5, column 13: spec\.replicas must be/,
  },
  {
    name: 'up with a model that is not there',
    args: ['up', write('model.yaml', service('  model: {uri: ./nope}\n'))],
    code: 2,
    says: /spec\.model\.uri.*is not there/,
  },
  {
    name: 'up with a candidate that is the same',
    args: [
      'up',
      write(
        'same.yaml',
        service(
          `  model: {uri: ${root}/examples/digits/models/digits/1}\n  candidate: {weight: 10, model: {uri: ${root}/examples/digits/models/digits/1}}\n`,
        ),
      ),
    ],
    code: 2,
    says: /serves the same/,
  },
  {
    name: 'up with a model that cannot load',
    args: ['up', join(folder, 'text.onnx'), '--port', '0'],
    code: 3,
    says: /did not become ready.*not a valid ONNX model/,
  },
];

for (const { name, args, code, says } of badCommands) {
  test(`fairlead ${args[0] ?? ''} with ${name} exits ${code} with a sentence`, async () => {
    const ended = await run(args);
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, says);
    assert.doesNotMatch(ended.stderr, /\n {4}at /, 'no stack trace');
    assert.equal(ended.stdout.replaceAll(/^(?:http|grpc):.*\n/gm, ''), '');
  });
}

for (const verb of ['serve examples/digits/models/digits/1', 'up examples/digits']) {
  test(`fairlead ${verb} on a port in use exits 3 and names another way`, async t => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await new Promise(resolve => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const ended = await run([...verb.split(' '), '--port', String(port)]);
    assert.equal(ended.code, 3);
    assert.match(ended.stderr, new RegExp(`127\\.0\\.0\\.1:${port} is in use.*[^]*--port`));
  });
}
