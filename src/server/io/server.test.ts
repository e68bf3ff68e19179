import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type Logger, systemClock } from '#base';
import { elementTypes, identityModel, modelFile, onnxModel } from '../fixtures/onnx-file.ts';
import { usualSettings } from '../models/settings.ts';
import { onnxRuntime } from '../runtimes/io/onnx.ts';
import { ModelServer, type ModelToServe, type ServerConfig } from './server.ts';

const silent: Logger = { enabled: () => false, log: () => {} };

const defaults: Omit<ServerConfig, 'models'> = {
  host: '127.0.0.1',
  port: 0,
  settings: usualSettings,
  maxBody: 1_000_000,
  maxInFlight: 64,
  requestTimeMs: 5000,
  drainDelayMs: 0,
  graceMs: 5000,
};

interface Started {
  readonly server: ModelServer;
  readonly url: string;
  readonly post: (path: string, body: string | Buffer, headers?: Record<string, string>) => Promise<Response>;
}

async function start(
  t: TestContext,
  models: readonly ModelToServe[],
  config: Partial<ServerConfig> = {},
  logger = silent,
): Promise<Started> {
  const server = new ModelServer(
    { ...defaults, ...config, models },
    {
      clock: systemClock,
      logger,
      runtime: onnxRuntime,
      idPrefix: 'test',
      identity: { name: 'fairlead', version: '0' },
      sleep: ms => setTimeout(ms, undefined, { ref: false }),
    },
  );
  const { http: url } = await server.listen();
  t.after(() => server.close());
  await server.load();
  const post: Started['post'] = (path, body, headers = {}) =>
    fetch(url + path, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
  return { server, url, post };
}

function identity(
  t: TestContext,
  type: keyof typeof elementTypes = 'FP32',
  shape: (string | number)[] = ['N', 2],
): ModelToServe {
  return { name: 'm', version: '1', path: modelFile(t, identityModel(elementTypes[type], shape)) };
}

/** y = x gathered by i: an index out of range fails the whole run. */
function gather(t: TestContext): ModelToServe {
  const bytes = onnxModel({
    inputs: [{ name: 'i', type: 7, shape: ['N'] }],
    outputs: [{ name: 'y', type: 1, shape: ['N'] }],
    nodes: [{ op: 'Gather', inputs: ['w', 'i'], outputs: ['y'] }],
    weights: { w: [10, 20, 30] },
  });
  return { name: 'm', version: '1', path: modelFile(t, bytes) };
}

test('the three protocols answer the same', async t => {
  const { post } = await start(t, [identity(t)]);
  const predict = await post('/predict', '{"inputs": [[1, 0.1], [-0.0, NaN]]}');
  assert.equal(predict.status, 200);
  assert.match(
    await predict.text(),
    /^\{"predictions":\[\[1\.0,0\.1\],\[-0\.0,NaN\]\],"model_version":"1","prediction_time":\d\.\d{6}\}$/,
  );
  const named = await post('/models/m/predict', '{"inputs": {"x": [[1, 2]]}, "extra": {"ignored": [1]}}');
  assert.match(await named.text(), /^\{"predictions":\[\[1\.0,2\.0\]\]/);
  const rows = await post('/v1/models/m:predict', '{"instances": [[1, 2], [3, 4]]}');
  assert.equal(await rows.text(), '{"predictions":[[1.0,2.0],[3.0,4.0]]}');
  const objects = await post(
    '/v1/models/m/versions/1:predict',
    '{"instances": [{"x": [1, 2]}, {"x": [3, 4]}]}',
  );
  assert.equal(await objects.text(), '{"predictions":[[1.0,2.0],[3.0,4.0]]}');
  const columns = await post('/v1/models/m:predict', '{"inputs": {"x": [[1, 2]], "other": "ignored"}}');
  assert.equal(await columns.text(), '{"outputs":[[1.0,2.0]]}');
  const v2 = await post(
    '/v2/models/m/infer',
    '{"id": "7", "inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [[1, 2]]}]}',
  );
  assert.equal(
    await v2.text(),
    '{"id":"7","model_name":"m","model_version":"1","outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"data":[1.0,2.0]}]}',
  );
});

test('64-bit integers are exact through every protocol', async t => {
  const { post } = await start(t, [identity(t, 'INT64', ['N'])]);
  const list = '[9223372036854775807,-9223372036854775808,9007199254740993]';
  assert(
    (await (await post('/predict', `{"inputs": ${list}}`)).text()).startsWith(`{"predictions":${list},`),
  );
  assert.equal(
    await (await post('/v1/models/m:predict', `{"instances": ${list}}`)).text(),
    `{"predictions":${list}}`,
  );
  const v2 = await post(
    '/v2/models/m/infer',
    `{"inputs": [{"name": "x", "shape": [3], "datatype": "INT64", "data": ${list}}]}`,
  );
  assert((await v2.text()).includes(`"data":${list}`));
});

for (const [type, list] of [
  ['FP16', '[1.0,-2.0,65504.0]'],
  ['BYTES', '["","\\"\\\\n","é😀"]'],
  ['BOOL', '[true,false]'],
  ['UINT64', '[18446744073709551615]'],
  ['FP64', '[5e-324,1.7976931348623157e+308,0.1]'],
] as const) {
  test(`${type} goes through a real model`, async t => {
    const { post } = await start(t, [identity(t, type, ['N'])]);
    const answer = await post('/predict', `{"inputs": ${list}}`);
    assert((await answer.text()).startsWith(`{"predictions":${list},`));
  });
}

test('32 requests at once get their own rows, equal to those they get alone', async t => {
  const { post } = await start(t, [identity(t)]);
  const bodies = Array.from({ length: 320 }, (_, index) =>
    Array.from({ length: (index % 3) + 1 }, (__, row) => [index, row]),
  );
  const ask = async (rows: number[][]): Promise<unknown> =>
    ((await (await post('/predict', JSON.stringify({ inputs: rows }))).json()) as { predictions: unknown })
      .predictions;
  for (let from = 0; from < bodies.length; from += 32) {
    const together = bodies.slice(from, from + 32);
    assert.deepEqual(await Promise.all(together.map(ask)), together);
  }
});

/** Sends so many requests in one write; gives all that comes back. */
async function pipelined(t: TestContext, url: string, count: number): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.after(() => socket.destroy());
  const body = '{"inputs": [[1, 2]]}';
  socket.write(
    `POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`.repeat(count),
  );
  let text = '';
  socket.on('data', chunk => (text += chunk.toString()));
  await until(async () => text.split('HTTP/1.1 ').length - 1 === count);
  return text;
}

test('requests that arrive together run together', async t => {
  const { url } = await start(t, [identity(t)]);
  await pipelined(t, url, 16);
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string): number => Number(new RegExp(`${name}\\{[^}]*\\} (\\S+)`).exec(text)?.[1]);
  assert.equal(value('prediction_batch_rows_sum'), 16);
  assert(value('prediction_batch_rows_count') < 16, `${value('prediction_batch_rows_count')} runs`);
});

test('a string that the runtime would cut is refused', async t => {
  const { post } = await start(t, [identity(t, 'BYTES', ['N'])]);
  const answers = await Promise.all(
    ['a', 'a\\u0000b', 'c'].map(text => post('/predict', `{"inputs": ["${text}"]}`)),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 422, 200],
  );
});

test('one bad row among sixteen requests fails its own request only', async t => {
  const { post } = await start(t, [gather(t)]);
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      post('/predict', `{"inputs": [${index === 7 ? 99 : index % 3}]}`),
    ),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array.from({ length: 16 }, (_, index) => (index === 7 ? 500 : 200)),
  );
  assert.match(await (answers[7] as Response).text(), /^\{"detail":"Prediction error: .*"\}$/);
  assert.match(await (answers[8] as Response).text(), /"predictions":\[30\.0\]/);
});

test('health is truthful while a model loads, and predictions are refused until then', async t => {
  const server = new ModelServer(
    { ...defaults, models: [identity(t)] },
    {
      clock: systemClock,
      logger: silent,
      runtime: onnxRuntime,
      idPrefix: 'test',
      identity: { name: 'fairlead', version: '0' },
      sleep: async () => {},
    },
  );
  t.after(() => server.close());
  const { http: url } = await server.listen();
  const status = async (path: string): Promise<number> => (await fetch(url + path)).status;
  assert.deepEqual(
    await Promise.all(['/health', '/health/live', '/v2/health/ready', '/v2/health/live'].map(status)),
    [503, 200, 503, 200],
  );
  const early = await fetch(`${url}/predict`, { method: 'POST', body: '{"inputs": [[1, 2]]}' });
  assert.equal(early.status, 503);
  assert.equal(early.headers.get('retry-after'), '1');
  await server.load();
  assert.deepEqual(
    await Promise.all(['/health', '/v2/health/ready', '/v2/models/m/ready'].map(status)),
    [200, 200, 200],
  );
});

test('ids come back, and a broken one is replaced', async t => {
  const { post } = await start(t, [identity(t)]);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const answer = await post('/predict', '{"inputs": [[1, 2]]}', { 'x-request-id': 'mine', traceparent });
  assert.equal(answer.headers.get('x-request-id'), 'mine');
  assert.equal(answer.headers.get('traceparent'), traceparent);
  assert.match(
    (await post('/predict', '{', { traceparent: 'broken' })).headers.get('x-request-id') ?? '',
    /^test-/,
  );
});

test('a failed request is logged with its id and reason', async t => {
  const lines: { level: string; message: string; facts: Readonly<Record<string, unknown>> | undefined }[] =
    [];
  const logger: Logger = {
    enabled: level => level !== 'debug',
    log: (level, message, facts) => lines.push({ level, message, facts }),
  };
  const { post } = await start(t, [identity(t)], {}, logger);
  await post('/predict', '{"inputs": 1}', { 'x-request-id': 'mine' });
  const line = lines.find(({ message }) => message === 'request failed');
  assert.equal(line?.level, 'info');
  assert.equal(line?.facts?.['request_id'], 'mine');
  assert.equal(line?.facts?.['status'], 422);
});

test('metrics count outcomes and time successes', async t => {
  const { post, url } = await start(t, [gather(t)]);
  for (const body of ['{"inputs": [0]}', '{"inputs": [1]}', '{', '{"inputs": [9]}'])
    await (await post('/predict', body)).text();
  const text = await (await fetch(`${url}/metrics`)).text();
  const labels = 'model_name="m",model_version="1"';
  for (const line of [
    `prediction_requests_total{${labels},status="success"} 2`,
    `prediction_requests_total{${labels},status="client_error"} 1`,
    `prediction_requests_total{${labels},status="server_error"} 1`,
    `prediction_latency_seconds_count{${labels}} 2`,
    `prediction_latency_seconds_bucket{${labels},le="+Inf"} 2`,
    `predictions_in_flight{${labels}} 0`,
    `model_ready{${labels}} 1`,
  ]) {
    assert(text.split('\n').includes(line), `${line}\n${text}`);
  }
});

/** Sends the head of a POST and half its body; the rest when told. */
function halfRequest(url: string, body: string): { answer: Promise<number>; finish: () => void } {
  const request = httpRequest(`${url}/predict`, {
    method: 'POST',
    headers: { 'content-length': body.length },
  });
  request.write(body.slice(0, 5));
  const answer = new Promise<number>((resolve, reject) => {
    request.on('response', response => resolve(response.resume().statusCode ?? 0));
    request.on('error', reject);
  });
  return { answer, finish: () => request.end(body.slice(5)) };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await condition()) return;
    await setTimeout(10);
  }
  assert.fail('the condition did not come true within 5 s');
}

test('over the limit of requests in flight, more are refused with Retry-After', async t => {
  const { url } = await start(t, [identity(t)], { maxInFlight: 4 });
  const answers = await pipelined(t, url, 16);
  assert.equal(answers.split('HTTP/1.1 200').length - 1, 4);
  assert.equal(answers.split('HTTP/1.1 503').length - 1, 12);
  assert.match(answers, /Retry-After: 1\r\n[^]*the server is at its limit of 4 requests in flight/);
  assert.equal((await fetch(`${url}/health/live`)).status, 200);
});

test('bodies that are on their way keep nobody out', async t => {
  const { post, url } = await start(t, [identity(t)], { maxInFlight: 1 });
  const held = Array.from({ length: 8 }, () => halfRequest(url, '{"inputs": [[1, 2]]}'));
  assert.equal((await post('/predict', '{"inputs": [[1, 2]]}')).status, 200);
  for (const { finish, answer } of held) {
    finish();
    assert.equal(await answer, 200);
  }
});

test('what a client no longer waits for is not run, and counts as its own doing', async t => {
  const { url } = await start(t, [identity(t)]);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const body = '{"inputs": [[1, 2]]}';
  socket.write(`POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n{"inputs"`, () =>
    socket.destroy(),
  );
  const counted = async (): Promise<boolean> =>
    (await (await fetch(`${url}/metrics`)).text()).includes('status="client_error"} 1');
  await until(counted);
  const text = await (await fetch(`${url}/metrics`)).text();
  assert.match(text, /predictions_in_flight\{[^}]*\} 0/);
  assert.match(text, /prediction_batch_rows_count\{[^}]*\} 0/);
});

test('a refusal reaches a client that is still sending, and the connection goes on', async t => {
  const { url } = await start(t, [identity(t)], { maxBody: 1000 });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.after(() => socket.destroy());
  const big = Buffer.alloc(4_000_000, ' ');
  socket.write(`POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${big.length}\r\n\r\n`);
  socket.write(big);
  socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  let text = '';
  socket.on('data', chunk => (text += chunk.toString()));
  await until(async () => /HTTP\/1\.1 413 [^]*HTTP\/1\.1 200 /.test(text));
});

test('a large answer that is being read survives a drain', async t => {
  const { server, url } = await start(t, [identity(t, 'FP32', ['N', 200])], { maxBody: 50_000_000 });
  const row = `[${Array.from({ length: 200 }, () => '0.123456').join()}]`;
  const body = `{"inputs": [${Array.from({ length: 5000 }, () => row).join()}]}`;
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(`POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await new Promise(resolve => socket.once('readable', resolve));
  const closed = server.close();
  let length = 0;
  for await (const chunk of socket) length += (chunk as Buffer).length;
  await closed;
  assert(length > 5000 * 200 * 9, `${length} bytes arrived`);
});

test('a client that waits to be told to send is told only when nothing speaks against its body', async t => {
  const { url } = await start(t, [identity(t)], { maxBody: 100 });
  const body = '{"inputs": [[1, 2]]}';
  const head = (length: number): string =>
    `POST /predict HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
  const port = Number(new URL(url).port);
  const good = connect(port, '127.0.0.1');
  t.after(() => good.destroy());
  let text = '';
  good.on('data', chunk => (text += chunk.toString()));
  good.write(head(body.length));
  await until(async () => text.startsWith('HTTP/1.1 100 Continue'));
  good.write(body);
  await until(async () => text.includes('HTTP/1.1 200 OK'));
  const big = connect(port, '127.0.0.1');
  let refused = '';
  big.on('data', chunk => (refused += chunk.toString()));
  big.write(head(1000));
  await new Promise(resolve => big.once('close', resolve));
  assert.match(refused, /^HTTP\/1\.1 413 [^]*Connection: close/);
});

test('a slow body is refused in the protocol’s words, with an id, and counted as the client’s', async t => {
  const { url } = await start(t, [identity(t)], { requestTimeMs: 200 });
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let text = '';
  socket.on('data', chunk => (text += chunk.toString()));
  socket.write('POST /predict HTTP/1.1\r\nHost: x\r\nx-request-id: mine\r\nContent-Length: 50\r\n\r\n{');
  await new Promise(resolve => socket.once('close', resolve));
  assert.match(
    text,
    /^HTTP\/1\.1 408 [^]*x-request-id: mine[^]*\{"detail":"the request did not arrive within 0\.2 seconds"\}$/,
  );
  assert.match(await (await fetch(`${url}/metrics`)).text(), /status="client_error"\} 1/);
});

for (const [name, bytes, says] of [
  ['no Host', 'GET /health HTTP/1.1\r\n\r\n', /400 Bad Request[^]*the Host header is missing/],
  [
    'an unknown expectation',
    'GET /health HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n',
    /417 Expectation Failed[^]*'tea' is not known/,
  ],
  ['an absolute address', 'GET http://x/health HTTP/1.1\r\nHost: x\r\n\r\n', /200 OK/],
  [
    'garbage after a good request',
    'GET /health HTTP/1.1\r\nHost: x\r\n\r\n\x01\x02\r\n\r\n',
    /^HTTP\/1\.1 200 OK/,
  ],
] as const) {
  test(`on the wire, ${name} is answered`, async t => {
    const { url } = await start(t, [identity(t)]);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    t.after(() => socket.destroy());
    let text = '';
    socket.on('data', chunk => (text += chunk.toString()));
    socket.write(bytes);
    await until(async () => says.test(text));
  });
}

test('a drain finishes what is in flight, and nothing is ready meanwhile', async t => {
  const { server, url } = await start(t, [identity(t)], { drainDelayMs: 300 });
  const held = halfRequest(url, '{"inputs": [[1, 2]]}');
  const closed = server.close();
  const during = await fetch(`${url}/health`);
  assert.equal(during.status, 503);
  assert.equal(during.headers.get('connection'), 'close');
  held.finish();
  assert.equal(await held.answer, 200);
  await closed;
  await assert.rejects(fetch(`${url}/health/live`));
});

test('a request that never ends is answered 408 and holds nobody up', async t => {
  const { url, post } = await start(t, [identity(t)], { requestTimeMs: 300 });
  const slow = connect(Number(new URL(url).port), '127.0.0.1');
  t.after(() => slow.destroy());
  slow.write('POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"inputs"');
  const answer = new Promise<string>(resolve => {
    let text = '';
    slow.on('data', chunk => (text += chunk.toString()));
    slow.on('close', () => resolve(text));
  });
  assert.equal((await post('/predict', '{"inputs": [[1, 2]]}')).status, 200);
  assert.match(await answer, /^HTTP\/1\.1 408 Request Timeout[^]*did not arrive within 0\.3 seconds/);
});

test('a model that cannot be served says why, and the process lives', async t => {
  const cases: [string, Buffer, RegExp][] = [
    ['not ONNX', Buffer.from('hello'), /is not a valid ONNX model/],
    ['an INT4 output', identityModel(22, ['N']), /'x' is a tensor of int4; convert/],
    ['a bfloat16 output', identityModel(16, ['N']), /bfloat16/],
    [
      'an unknown operator',
      onnxModel({
        inputs: [{ name: 'x', type: 1, shape: ['N'] }],
        outputs: [{ name: 'y', type: 1, shape: ['N'] }],
        nodes: [{ op: 'Nonsense', inputs: ['x'], outputs: ['y'] }],
      }),
      /Nonsense/,
    ],
  ];
  for (const [, bytes, says] of cases) {
    await assert.rejects(start(t, [{ name: 'm', version: '1', path: modelFile(t, bytes) }]), says);
  }
});

test('a port that is taken is said to be', async t => {
  const { url } = await start(t, [identity(t)]);
  await assert.rejects(start(t, [identity(t)], { port: Number(new URL(url).port) }), { code: 'port_taken' });
});
