/** Bodies that come and go compressed, to a server and through the gateway: as if they were not, and never a danger. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { constants, deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { type Program, root, startProgram } from '../programs/fairlead.ts';
import { type Answer, Wire } from './wire.ts';

const LIMIT = 8 * 1024 * 1024;
const body = readFileSync(join(root, 'examples', 'digits', 'request.json'));
const pixels = (JSON.parse(body.toString()) as { inputs: [number[]] }).inputs[0];

let server: Program;
let gateway: Program;
before(async () => {
  const model = 'examples/digits/models/digits/2';
  [server, gateway] = await Promise.all([
    startProgram(['serve', model, '--max-body', `${LIMIT}`, '--log-level', 'error']),
    startProgram(['up', 'examples/digits/models/digits']),
  ]);
});
after(() => Promise.all([server.stop(), gateway.stop()]));

const everywhere: readonly (readonly [string, () => string])[] = [
  ['a server', () => server.url],
  ['the gateway', () => gateway.url],
];

async function post(
  url: string,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  return fetch(url, { method: 'POST', body: new Uint8Array(bytes), headers });
}

async function stillServes(url: string): Promise<void> {
  assert.equal((await post(`${url}/predict`, body, {})).status, 200);
}

const packed: readonly (readonly [string, Uint8Array])[] = [
  ['gzip', gzipSync(body)],
  ['x-gzip', gzipSync(body)],
  ['GZIP', Buffer.concat([gzipSync(body.subarray(0, 9)), gzipSync(body.subarray(9))])],
  ['deflate', deflateSync(body)],
  ['deflate', deflateRawSync(body)],
  ['identity', body],
];

/** The same input in the words of each protocol. */
const protocols: readonly (readonly [string, Buffer])[] = [
  ['/predict', body],
  ['/v1/models/digits:predict', Buffer.from(JSON.stringify({ instances: [pixels] }))],
  [
    '/v2/models/digits/infer',
    Buffer.from(
      JSON.stringify({ inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], data: pixels }] }),
    ),
  ],
];

for (const [where, url] of everywhere) {
  for (const [coding, bytes] of packed) {
    test(`${where} takes a body of ${coding}, ${bytes.length} bytes`, async () => {
      const answer = await post(`${url()}/predict`, bytes, { 'content-encoding': coding });
      const plain = await post(`${url()}/predict`, body, {});
      const predictions = async (one: Response): Promise<unknown> =>
        ((await one.json()) as Record<string, unknown>)['predictions'];
      assert.deepEqual(await predictions(answer), await predictions(plain));
    });
  }

  for (const [path, plain] of protocols) {
    test(`${where} takes gzip at ${path}`, async () => {
      const answer = await post(url() + path, gzipSync(plain), { 'content-encoding': 'gzip' });
      assert.equal(answer.status, 200, await answer.text());
    });
  }

  test(`${where} takes gzip in chunks of a byte`, async () => {
    const chunks = [...gzipSync(body)].map(byte => `1\r\n${String.fromCharCode(byte)}\r\n`).join('');
    const head =
      'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n';
    const wire = new Wire(url()).send(`${head}${chunks}0\r\n\r\n`);
    assert.equal((await wire.answer()).status, 200);
    wire.leave();
  });

  test(`${where} takes binary tensors in gzip, whose header counts what was before`, async () => {
    const tensor = {
      name: 'pixels',
      datatype: 'FP32',
      shape: [1, 64],
      parameters: { binary_data_size: 256 },
    };
    const json = Buffer.from(JSON.stringify({ inputs: [tensor] }));
    const bytes = Buffer.concat([json, Buffer.from(new Float32Array(pixels).buffer)]);
    const headers = { 'content-encoding': 'gzip', 'inference-header-content-length': `${json.length}` };
    const answer = await post(`${url()}/v2/models/digits/infer`, gzipSync(bytes), headers);
    assert.equal(answer.status, 200, await answer.text());
  });
}

const many = JSON.stringify({ inputs: Array.from({ length: 500 }, () => pixels) });

/** What came, by its own coding. */
function unpacked({ head, body: came }: Answer): string {
  const bytes = Buffer.from(came, 'latin1');
  const coding = /^content-encoding: (.*)$/im.exec(head)?.[1];
  if (coding === undefined) return came;
  return (coding === 'gzip' ? gunzipSync(bytes) : inflateSync(bytes)).toString();
}

async function ask(url: string, path: string, headers: string): Promise<Answer> {
  const content = path === '/predict' ? many : '';
  const method = content === '' ? 'GET' : 'POST';
  const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${content.length}\r\n\r\n`;
  const wire = new Wire(url).send(head + content);
  const answer = await wire.answer();
  wire.leave();
  return answer;
}

for (const [where, url] of everywhere) {
  for (const [header, coding] of [
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip;q=0.5, deflate, br', 'deflate'],
    ['*', 'gzip'],
    ['gzip;q=0', undefined],
    ['identity', undefined],
    ['br', undefined],
  ] as const) {
    test(`${where} answers one who accepts ${header} with ${coding ?? 'what there is'}`, async () => {
      for (const path of ['/predict', '/openapi.json']) {
        const answer = await ask(url(), path, `Accept-Encoding: ${header}\r\n`);
        const plain = await ask(url(), path, '');
        assert.deepEqual([answer.status, plain.status], [200, 200]);
        assert.equal(/^content-encoding: (.*)$/im.exec(answer.head)?.[1], coding);
        for (const { head } of [answer, plain]) assert.match(head, /^vary: accept-encoding$/im);
        const steady = (text: string): string => text.replace(/"prediction_time":.*/, '');
        assert.equal(steady(unpacked(answer)), steady(unpacked(plain)));
        assert(coding === undefined || answer.body.length < plain.body.length);
      }
    });
  }

  test(`${where} sends what is small as it is`, async () => {
    const answer = await ask(url(), '/health/live', 'Accept-Encoding: gzip\r\n');
    assert.doesNotMatch(answer.head, /^(?:content-encoding|vary):/im);
  });
}

/** A stream of gzip of about a thousandth of what it inflates to. */
function bomb(megabytes: number): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  const block = deflateRawSync(Buffer.alloc(1e6), { finishFlush: constants.Z_SYNC_FLUSH });
  return Buffer.concat([header, ...Array.from({ length: megabytes }, () => block)]);
}

const faults: readonly (readonly [string, string, Buffer, number, RegExp])[] = [
  ['plain JSON', 'gzip', body, 400, /not valid gzip: incorrect header check/],
  ['cut', 'gzip', gzipSync(body).subarray(0, -3), 400, /not valid gzip: unexpected end/],
  ['followed by garbage', 'deflate', Buffer.concat([deflateSync(body), body]), 400, /bytes follow its end/],
  ['a gigabyte in a megabyte', 'gzip', bomb(1000), 413, /larger than the limit/],
  [
    'the limit and a byte',
    'gzip',
    gzipSync(Buffer.alloc(LIMIT + 1)),
    413,
    /larger than the limit of 8388608 bytes/,
  ],
  ['Brotli', 'br', body, 415, /'br' is not supported/],
  ['Zstandard', 'zstd', body, 415, /'zstd' is not supported/],
  ['gzip in gzip', 'gzip, gzip', gzipSync(gzipSync(body)), 415, /'gzip, gzip' is not supported/],
];

for (const [name, coding, bytes, status, says] of faults) {
  test(`a body of ${coding} that is ${name} is ${status}, and a good one is served at once`, async () => {
    const answer = await post(`${server.url}/predict`, bytes, { 'content-encoding': coding });
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    assert.match(text, says);
    if (status === 415) assert.equal(answer.headers.get('accept-encoding'), 'gzip, deflate');
    await stillServes(server.url);
  });
}

test('gigabytes in megabytes, many at once, cost no more memory than bodies may have', async t => {
  if (process.platform !== 'linux') return t.skip('the memory of a process is read from /proc');
  const bytes = bomb(1000);
  const usual = memory('VmRSS');
  const answers = Array.from({ length: 16 }, () =>
    post(`${server.url}/predict`, bytes, { 'content-encoding': 'gzip' }),
  );
  await stillServes(server.url);
  for (const answer of await Promise.all(answers)) assert.equal(answer.status, 413);
  const grown = memory('VmHWM') - usual;
  assert(grown < 16 * 2 * LIMIT + 100e6, `${grown} bytes more`);
  await stillServes(server.url);
});

function memory(name: string): number {
  const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024;
}
