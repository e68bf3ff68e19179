/**
 * Nothing of a request reaches the file system: names that look like paths, wherever a request can name something, and
 * what the processes asked of the file system meanwhile.
 */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { folderOf } from '../src/net/fixtures/certificates.ts';
import { Rpc } from './conformance/rpc.ts';
import { type Program, root, startProgram } from './programs/fairlead.ts';

const digits = join(root, 'examples', 'digits', 'models', 'digits');

/** In every name, so that any form of it is found in what was asked. */
const MARK = 'zq7mark';

const names: readonly string[] = [
  MARK,
  `../../../../../../etc/${MARK}`,
  `/etc/${MARK}`,
  `..%2f..%2f..%2fetc%2f${MARK}`,
  `%2e%2e/%2e%2e/${MARK}`,
  `%252e%252e%252f${MARK}`,
  `${MARK}%00.onnx`,
  `${MARK}\0.onnx`,
  `file:///etc/${MARK}`,
  `file:${MARK}`,
  `..\\..\\${MARK}`,
  `C:\\${MARK}`,
  `digits/../../${MARK}`,
  `digits/1/../../${MARK}`,
  `~/${MARK}`,
  `\${HOME}/${MARK}`,
  `$(touch ${MARK})`,
  `${MARK}\n${MARK}`,
  `${MARK}${'x'.repeat(300)}`,
  `s3://${MARK}/model`,
  `${MARK}.config.pbtxt`,
];

interface Recorded {
  readonly program: Program;
  /** Names of functions and their paths, a line each. */
  readonly asked: () => string[];
}

/** A program whose every question to the file system is written down. */
async function recorded(t: TestContext, args: readonly string[]): Promise<Recorded> {
  const record = join(folderOf(t), 'asked');
  const recorder = pathToFileURL(join(root, 'test', 'programs', 'fs-recorder.ts')).href;
  const program = await startProgram(args, {
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import=${recorder}`.trim(),
    FS_RECORD: record,
  });
  t.after(() => program.child.kill('SIGKILL'));
  return { program, asked: () => readFileSync(record, 'utf8').trim().split('\n') };
}

/** A folder of models, beside a thing that only a link of another folder leads to. */
function repository(t: TestContext): string {
  const folder = folderOf(t);
  cpSync(digits, join(folder, 'digits'), { recursive: true });
  const elsewhere = folderOf(t);
  writeFileSync(join(elsewhere, `${MARK}.onnx`), '');
  symlinkSync(elsewhere, join(folder, 'digits', 'link'));
  return folder;
}

/** Every path of a request line, with a name in each place that has one. */
function targetsOf(name: string): string[] {
  const paths = [
    `/models/${name}/predict`,
    `/v1/models/${name}`,
    `/v1/models/${name}:predict`,
    `/v1/models/${name}/metadata`,
    `/v1/models/digits/versions/${name}`,
    `/v1/models/digits/versions/${name}:predict`,
    `/v1/models/digits/labels/${name}:predict`,
    `/v2/models/${name}`,
    `/v2/models/${name}/infer`,
    `/v2/models/${name}/config`,
    `/v2/models/${name}/stats`,
    `/v2/models/digits/versions/${name}/infer`,
    `/v2/models/digits/versions/${name}/ready`,
    `/v2/repository/models/${name}/load`,
    `/v2/repository/models/${name}/unload`,
    `/v2/repository/${name}/index`,
    `/v2/systemsharedmemory/region/${name}/register`,
    `/v2/cudasharedmemory/region/${name}/register`,
    `/v2/trace/setting?file=${name}`,
    `/health/${name}`,
    `/openapi.json/${name}`,
    `/${name}`,
    `/predict?model=${name}`,
  ];
  return paths.flatMap(path => [path, encodeURI(path), path.replace(name, encodeURIComponent(name))]);
}

/** Bodies that name something. */
function bodiesOf(name: string): string[] {
  const tensor = { name, datatype: 'FP32', shape: [1, 64], data: [] };
  const region = { shared_memory_region: name, shared_memory_byte_size: 1 };
  return [
    { parameters: { [`file:${name}`]: 'AAAA' } },
    { parameters: { config: JSON.stringify({ name, platform: name }), 'file:1/model.onnx': 'AAAA' } },
    { parameters: { [name]: name, unload_dependents: name } },
    { model: name, model_name: name, path: name, uri: name, inputs: [] },
    { id: name, inputs: [tensor], outputs: [{ name, parameters: { ...region, classification: name } }] },
    { inputs: [{ ...tensor, parameters: region }] },
    { key: name, offset: 0, byte_size: 64 },
    { trace_file: name, log_file: name, trace_level: ['TIMESTAMPS'] },
    { signature_name: name, instances: [{ [name]: { b64: Buffer.from(name).toString('base64') } }] },
  ].map(body => JSON.stringify(body));
}

/** Headers whose values name something. */
function headersOf(name: string): string[] {
  const value = name.replaceAll(/[\0\n]/g, '');
  const known = ['Accept', 'Accept-Encoding', 'Authorization', 'Content-Encoding', 'Content-Type', 'Cookie'];
  const more = ['Inference-Header-Content-Length', 'Origin', 'Referer', 'Traceparent', 'X-Api-Key'];
  const others = [
    'X-Deadline-Ms',
    'X-Original-Url',
    'X-Priority',
    'X-Request-Id',
    'X-Rewrite-Url',
    'X-Tenant',
  ];
  return [...known, ...more, ...others].map(header => `${header}: ${value}`);
}

/** Sends one request as it stands, whatever the URL class would make of it; resolves with the answer's first line. */
function send(url: string, line: string, headers: readonly string[], body: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  socket.write([line, 'Host: x', 'Connection: close', length, ...headers, '', body].join('\r\n'));
  let text = '';
  socket.on('data', chunk => (text += String(chunk)));
  socket.on('error', () => undefined);
  return new Promise(resolve => socket.once('close', () => resolve(text.slice(0, text.indexOf('\r')))));
}

/** Every name in every place, over HTTP; how many answers there were, by their status. */
async function overHttp(url: string): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  for (const name of names) {
    const bodies = bodiesOf(name);
    const asked = targetsOf(name).flatMap(target => [
      send(url, `GET ${target} HTTP/1.1`, [], ''),
      send(url, `POST ${target} HTTP/1.1`, [], ''),
      send(url, `POST ${target} HTTP/1.1`, [], bodies[0] ?? ''),
    ]);
    const posted = [
      '/predict',
      '/v2/models/digits/infer',
      '/v2/repository/models/digits/load',
      '/v2/repository/index',
    ]
      .concat(
        '/v1/models/digits:predict',
        '/v2/systemsharedmemory/region/a/register',
        '/v2/trace/setting',
        '/v2/logging',
      )
      .flatMap(path => bodies.map(body => send(url, `POST ${path} HTTP/1.1`, [], body)));
    const headed = headersOf(name).map(header => send(url, 'POST /predict HTTP/1.1', [header], '{}'));
    for (const line of await Promise.all([...asked, ...posted, ...headed])) {
      const status = line.split(' ')[1] ?? 'none';
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
  }
  return seen;
}

/** Every method there is, as its path, but for `Watch`, which never ends and reads what `Check` does. */
function methodPaths(): string[] {
  const folder = join(root, 'docs', 'proto');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.proto'),
  );
  return files.flatMap(file => {
    const text = readFileSync(join(folder, file), 'utf8');
    const [, name = ''] = /^package (.+);$/m.exec(text) ?? [];
    return [...text.matchAll(/^service (\w+) \{([^]*?)^\}/gm)].flatMap(([, service, body = '']) =>
      [...body.matchAll(/\brpc (?!Watch)(\w+)/g)].map(([, method]) => `/${name}.${service}/${method}`),
    );
  });
}

/** A field of a message whose value has a length: text, bytes or a message. */
function field(number: number, value: Buffer): Buffer {
  const size = value.length < 128 ? [value.length] : [(value.length & 127) | 128, value.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...size]), value]);
}

/** Messages with a name in each of the fields, in those of a message in it, and in the value of a map. */
function messagesOf(name: string): Buffer[] {
  const text = Buffer.from(name);
  const fields = Array.from({ length: 8 }, (_, at) => at + 1);
  const digitsToo = field(2, Buffer.from('digits'));
  const entry = Buffer.concat([field(1, Buffer.from(`file:${name}`)), field(2, field(3, text))]);
  return fields.flatMap(number => [
    field(number, text),
    field(number, Buffer.concat(fields.map(inner => field(inner, text)))),
    Buffer.concat([digitsToo, field(number, entry)]),
  ]);
}

/** The same over gRPC; how many calls were refused. */
async function overGrpc(t: TestContext, address: string): Promise<number> {
  const rpc = new Rpc(address);
  t.after(() => rpc.close());
  const methods = [...methodPaths(), '/tensorflow.serving.ModelService/HandleReloadConfigRequest'];
  assert.ok(methods.length > 25, String(methods.length));
  let refused = 0;
  for (const name of names.filter((_, at) => at % 4 === 0)) {
    const input = { name, datatype: 'FP32', shape: [1, 64] };
    const asked: Promise<unknown>[] = [
      rpc.call('ModelInfer', { model_name: name, model_version: name, id: name, inputs: [input] }),
      rpc.call('ModelInfer', { model_name: 'digits', model_version: name, id: name, inputs: [input] }),
      rpc.callRaw(`/inference.GRPCInferenceService/${encodeURIComponent(name)}`, Buffer.from(name)),
      ...methods.flatMap(method => messagesOf(name).map(message => rpc.callRaw(method, message))),
    ];
    for (const { status } of await Promise.allSettled(asked)) if (status === 'rejected') refused++;
  }
  return refused;
}

/** What was asked about a marked name. */
function marked(asked: readonly string[]): string[] {
  return asked.filter(line => line.toLowerCase().includes(MARK) || line.includes('/etc/'));
}

test('a name in a request to a server leads to no file', async t => {
  const { program, asked } = await recorded(t, [
    'serve',
    repository(t),
    '--model-control',
    '--versions',
    'all',
  ]);
  const seen = await overHttp(program.url);
  assert.ok((await overGrpc(t, program.grpc)) > 100, 'gRPC was hardly asked');
  t.diagnostic(JSON.stringify(Object.fromEntries(seen)));
  assert.ok((seen.get('404') ?? 0) > 500 && (seen.get('400') ?? 0) > 100, 'HTTP was hardly asked');
  assert.equal(seen.get('500'), undefined);
  const before = asked().length;
  const load = await fetch(`${program.url}/v2/repository/models/digits/load`, { method: 'POST' });
  assert.equal(load.status, 200);
  assert.ok(asked().length > before, 'the record has not what loading asks for');
  assert.deepEqual(marked(asked()), []);
});

test('a name in a request to the gateway leads to no file, of its own or of its servers', async t => {
  const { program, asked } = await recorded(t, ['up', join(digits, '1')]);
  const seen = await overHttp(program.url);
  t.diagnostic(JSON.stringify(Object.fromEntries(seen)));
  const address = /grpc:\/\/([^\s:]+:\d+)/.exec(program.stderr())?.[1] ?? '';
  assert.ok((await overGrpc(t, address)) > 100, 'gRPC was hardly asked');
  assert.ok(
    asked().some(line => line.includes('model.onnx')),
    'the record has not what a server asks for',
  );
  assert.deepEqual(marked(asked()), []);
});
