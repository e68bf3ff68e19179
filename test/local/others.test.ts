/** `up` with servers of others: their streams, their deaths, and what is said where their program is missing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { ask, exists } from '../../src/local/io/fixtures/service.ts';
import { Rpc } from '../conformance/rpc.ts';
import { type Program, root, run, running, until } from '../programs/fairlead.ts';

const servers = join(import.meta.dirname, 'servers');
const openai = [process.execPath, join(servers, 'openai.ts')];

/** A folder for a service file and its models, and for what `up` makes while it runs. */
function home(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-others-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'weights'));
  writeFileSync(join(folder, 'weights', 'weights.bin'), 'weights');
  mkdirSync(join(folder, 'tmp'));
  return folder;
}

function write(folder: string, spec: object): string {
  const file = join(folder, 'fairlead.yaml');
  writeFileSync(file, JSON.stringify({ kind: 'ModelService', metadata: { name: 'chat' }, spec }));
  return file;
}

const model = { uri: './weights' };
const custom = { command: openai, protocol: 'openai' };

async function up(t: TestContext, folder: string, spec: object): Promise<Program> {
  return running(t, ['up', write(folder, spec)], { TMPDIR: join(folder, 'tmp') });
}

function pids({ stderr }: Program): number[] {
  return [...stderr().matchAll(/ is ready at \S+, process (\d+)/g)].map(([, pid]) => Number(pid));
}

/** An answer that streams; `next` is what came since the last time it was asked. */
async function streaming(url: string): Promise<{ answer: IncomingMessage; next: () => Promise<string> }> {
  const request = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', agent: false });
  request.on('error', () => undefined);
  request.end('{"stream":true}');
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  const next = async (): Promise<string> => String((await once(answer, 'data'))[0]);
  return { answer, next };
}

const event = (word: string): string => `data: {"choices":[{"delta":{"content":"${word}"}}]}\n\n`;

async function post(url: string, path: string): Promise<void> {
  assert.equal((await ask(`${url}${path}`, { body: '{}' })).status, 200);
}

interface Told {
  readonly left: number;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

async function told({ url }: Program): Promise<Told> {
  return JSON.parse((await ask(`${url}/told`)).text) as Told;
}

test('a server of one’s own that speaks OpenAI’s API', async t => {
  const folder = home(t);
  const program = await up(t, folder, { model, runtime: { custom: { ...custom, metrics: '/stats' } } });
  const { url } = program;

  await t.test('is told its model and starts beside its file', async () => {
    const { env, cwd } = await told(program);
    assert.equal(cwd, folder);
    assert.equal(env['MODEL_PATH'], join(folder, 'weights'));
    assert.equal(env['MODEL_NAME'], 'chat');
  });

  await t.test('streams: its headers and each of its events are here before it sends the next', async () => {
    const { answer, next } = await streaming(url);
    assert.equal(answer.headers['content-type'], 'text/event-stream');
    for (const word of ['one', 'two', 'three']) {
      const came = next();
      await post(url, `/say?word=${word}`);
      assert.equal(await came, event(word));
    }
    const [last, ended] = [next(), once(answer, 'end')];
    await post(url, '/done');
    assert.equal(await last, 'data: [DONE]\n\n');
    await ended;
  });

  await t.test('hears of a client that leaves', async () => {
    const before = (await told(program)).left;
    const { answer } = await streaming(url);
    answer.destroy();
    await until(async () => (await told(program)).left === before + 1);
  });

  await t.test('has its metrics merged with the gateway’s', async () => {
    const { text } = await ask(`${url}/metrics`);
    assert.match(text, /^own_requests_total\{revision="chat-[0-9a-f]{8}",server="0",engine="test"\} [1-9]/m);
    assert.match(text, /^gateway_requests_total\{/m);
  });

  await t.test('finishes a stream before it is told to end', async () => {
    const { answer } = await streaming(url);
    const stopped = program.stop('SIGINT');
    await until(() => program.stderr().includes('Stopping'));
    const [server = 0] = pids(program);
    assert.ok(exists(server));
    answer.destroy();
    assert.equal(await stopped, 0);
    assert.ok(!exists(server));
  });
});

test('the deadline and the largest body of the file are held by the gateway', async t => {
  const limits = { deadline: '200ms', limits: { body: 10 } };
  const { url } = await up(t, home(t), { model, runtime: { custom }, server: limits });
  const late = await ask(`${url}/never`, { body: '{}' });
  assert.equal(late.status, 504);
  assert.match(late.text, /not answered within 0\.2 seconds/);
  assert.equal((await ask(`${url}/length`, { body: '0123456789' })).text, '{"bytes":10}');
  assert.equal((await ask(`${url}/length`, { body: '0123456789+' })).status, 413);
  const chunked = { body: '0123456789+', headers: { 'Transfer-Encoding': 'chunked' } };
  assert.equal((await ask(`${url}/length`, chunked)).status, 413);
});

test('an answer of known length that has begun may pause for longer than the deadline', async t => {
  const { url } = await up(t, home(t), { model, runtime: { custom }, server: { deadline: '200ms' } });
  const whole = ask(`${url}/halves`);
  assert.equal((await ask(`${url}/never`, { body: '{}' })).status, 504);
  await post(url, '/done');
  assert.equal((await whole).text, 'half data: [DONE]\n\n');
});

test('an answer that switches protocols is refused at once', async t => {
  const { url } = await up(t, home(t), { model, runtime: { custom } });
  for (const path of ['/switch', '/unasked']) {
    const { status, text } = await ask(`${url}${path}`);
    assert.equal(status, 503);
    assert.match(text, /no healthy server of 'chat' answered: .*another protocol/);
  }
});

test('of a page of health only its status counts, however large it is', async t => {
  const health = { ready: '/large' };
  const { url } = await up(t, home(t), { model, runtime: { custom: { ...custom, health } } });
  assert.equal((await ask(`${url}/health`)).status, 200);
});

test('a server of others has the environment of up and of its file, and nothing of fairlead’s own', async t => {
  const env = { PATH: '/nowhere', OWN: '$(MODEL_NAME)' };
  const folder = home(t);
  const program = await up(t, folder, { model, runtime: { custom: { ...custom, env } } });
  const { env: had } = await told(program);
  assert.deepEqual([had['PATH'], had['OWN'], had['LOG_LEVEL']], ['/nowhere', 'chat', undefined]);
  const [server = 0] = pids(program);
  await program.stop('SIGKILL');
  await until(() => !exists(server) && readdirSync(join(folder, 'tmp')).length === 0);
});

test('a server of others does not outlive up, and neither does what was made for it', async t => {
  const folder = home(t);
  const program = await up(t, folder, { model, runtime: { custom }, replicas: 2 });
  await until(() => pids(program).length === 2);
  const started = pids(program);
  await program.stop('SIGKILL');
  await until(() => !started.some(exists));
  await until(() => readdirSync(join(folder, 'tmp')).length === 0);
});

test('a server of others that is killed comes back on other ports', async t => {
  const program = await up(t, home(t), { model, runtime: { custom }, replicas: 2 });
  await until(() => pids(program).length === 2);
  process.kill(pids(program)[0] ?? 0, 'SIGKILL');
  for (let at = 0; at < 20; at++) assert.equal((await ask(`${program.url}/v1/models`)).status, 200);
  await until(() => pids(program).length === 3);
});

test('a port that another process takes first is no failure', async t => {
  const folder = home(t);
  const marker = join(folder, 'port');
  // The first time it says its port, waits until it is taken, and gives up as a server does then.
  const script = `
    const fs = require('node:fs'), net = require('node:net');
    if (fs.existsSync(${JSON.stringify(marker)})) import(${JSON.stringify(join(servers, 'openai.ts'))});
    else fs.writeFileSync(${JSON.stringify(marker)}, process.env.PORT);
    const look = () => net.connect(process.env.PORT, '127.0.0.1')
      .on('connect', () => { console.error('Address already in use'); process.exit(1); })
      .on('error', () => setTimeout(look, 10));
    if (fs.readFileSync(${JSON.stringify(marker)}, 'utf8') === process.env.PORT) look();`;
  const command = [process.execPath, '--eval', script];
  const starting = up(t, folder, { model, runtime: { custom: { ...custom, command } } });
  await until(() => existsSync(marker));
  await until(() => readFileSync(marker, 'utf8') !== '');
  const thief = createServer().listen(Number(readFileSync(marker, 'utf8')), '127.0.0.1');
  t.after(() => thief.close());
  const program = await starting;
  assert.equal((await ask(`${program.url}/v1/models`)).status, 200);
});

test('a port that the file fixes must be free, also for the next one that an edit starts', async t => {
  const folder = home(t);
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  const spec = { model, runtime: { custom: { ...custom, ports: { http: port } } } };
  const { code, stderr } = await run(['up', write(folder, spec), '--port', '0', '--grpc-port', '0']);
  assert.equal(code, 3);
  assert.match(stderr, new RegExp(`127\\.0\\.0\\.1:${port} is in use by another process`));
  holder.close();
  const program = await up(t, folder, spec);
  write(folder, { ...spec, runtime: { custom: { ...custom, ports: { http: port }, env: { NEW: '1' } } } });
  await until(() => program.stderr().includes('Not applied'));
  assert.equal((await ask(`${program.url}/v1/models`)).status, 200, 'the old one serves on');
});

test('a call of gRPC to a server that speaks none is told so', async t => {
  const program = await up(t, home(t), { model, runtime: { custom } });
  const rpc = new Rpc(/ serves at \S+ and grpc:\/\/(\S+):/.exec(program.stderr())?.[1] ?? '');
  t.after(() => rpc.close());
  await rpc.refuse('ServerLive', {}, { code: 'UNAVAILABLE', says: /does not speak gRPC/ });
});

test('a command that ends by itself is told by its last words', async t => {
  const command = ['/bin/sh', '-c', 'echo "no weights in $MODEL_PATH" >&2; exit 3'];
  const file = write(home(t), { model, runtime: { custom: { ...custom, command } } });
  const { code, stderr } = await run(['up', file, '--port', '0', '--grpc-port', '0']);
  assert.equal(code, 3);
  assert.match(stderr, /did not become ready: no weights in \/.*\/weights/);
});

/** A program of one's own by a name, as if it were installed. */
function installed(folder: string, name: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${join(servers, `${name}.ts`)}' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** SavedModels by name; there is nothing in them. */
function savedModels(folder: string, ...names: string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'saved_model.pb'), name);
  }
}

async function versions(url: string, path: string, times: number): Promise<Record<string, number>> {
  const had: Record<string, number> = {};
  for (let at = 0; at < times; at++) {
    const { predictions } = JSON.parse((await ask(`${url}${path}`, { body: '{}' })).text) as {
      predictions: number[];
    };
    had[String(predictions[0])] = (had[String(predictions[0])] ?? 0) + 1;
  }
  return had;
}

test('TensorFlow Serving (a stand-in that takes its flags): a split of two versions, batching, metrics', async t => {
  const folder = home(t);
  savedModels(folder, 'half/1', 'half/2', 'half/3');
  writeFileSync(join(folder, 'batching.txt'), 'max_batch_size { value: 8 }');
  const tensorflowServing = {
    program: installed(folder, 'tensorflow-model-server'),
    batching: './batching.txt',
  };
  const { url } = await up(t, folder, {
    model: { uri: './half/1' },
    candidate: { model: { uri: './half/2' }, weight: 10 },
    runtime: { tensorflowServing },
    server: { deadline: '5s' },
  });
  await until(async () => (await ask(`${url}/health`)).text.match(/"healthy":true/g)?.length === 2);
  assert.deepEqual(await versions(url, '/v1/models/half:predict', 100), { 1: 90, 2: 10 });
  assert.deepEqual(await versions(url, '/v1/models/half/versions/2:predict', 5), { 2: 5 });
  const { text } = await ask(`${url}/metrics`);
  assert.match(
    text,
    /^:tensorflow:serving:request_count\{revision="chat-\w+",server="0",model_name="half",/m,
  );
});

test('TensorFlow Serving (a stand-in that takes its flags): a list of models', async t => {
  const folder = home(t);
  savedModels(folder, 'all/a/1', 'all/a/2', 'all/b/7');
  const list = ['a', 'b'].map(name => `config { name: "${name}" base_path: "${join(folder, 'all', name)}" }`);
  writeFileSync(join(folder, 'all', 'models.config'), `model_config_list { ${list.join(' ')} }`);
  const tensorflowServing = { program: installed(folder, 'tensorflow-model-server') };
  const { url } = await up(t, folder, { repository: { uri: './all' }, runtime: { tensorflowServing } });
  assert.deepEqual(await versions(url, '/v1/models/a:predict', 2), { 2: 2 });
  assert.deepEqual(await versions(url, '/v1/models/b:predict', 2), { 7: 2 });
});

const digits = join(root, 'examples', 'digits', 'models', 'digits');

/** Models for which a program is missing, and what is said of it. */
const missing: readonly (readonly [name: string, spec: object, problem: RegExp])[] = [
  [
    'Triton, with a model of ONNX',
    { model: { uri: './onnx/digits' }, runtime: { triton: { program: 'no-triton' } } },
    /'no-triton' \(spec\.runtime\.triton\.program\) is not on this machine: leave out runtime\.triton, and fairlead's own server runs these models of ONNX; or name it by its path/,
  ],
  [
    'Triton, with a repository of ONNX',
    { repository: { uri: './onnx' }, runtime: { triton: { program: './no/triton' } } },
    /\/no\/triton' .* leave out runtime\.triton, and fairlead's own server/,
  ],
  [
    'Triton, with a model of its Python backend',
    { model: { uri: './python/scale' }, runtime: { triton: { program: 'no-triton' } } },
    /is not on this machine: name it by its path \(in the container/,
  ],
  [
    'TensorFlow Serving, with a SavedModel',
    { model: { uri: './saved/half' }, runtime: { tensorflowServing: { program: 'no-serving' } } },
    /\(spec\.runtime\.tensorflowServing\.program\) .*: leave out runtime\.tensorflowServing, and fairlead's runtime python runs/,
  ],
  [
    'a command',
    { model, runtime: { custom: { command: ['no-engine'], protocol: 'v2' } } },
    /'no-engine' \(spec\.runtime\.custom\.command\) is not on this machine: install it/,
  ],
  [
    'an image alone',
    { model, runtime: { custom: { image: 'engine:1', protocol: 'v2' } } },
    /spec\.runtime\.custom\.image has no effect on one machine, .* add command beside it/,
  ],
];

for (const [name, spec, problem] of missing) {
  test(`up without the program of ${name} says what to do`, async t => {
    const folder = home(t);
    cpSync(digits, join(folder, 'onnx', 'digits'), { recursive: true });
    mkdirSync(join(folder, 'python', 'scale', '1'), { recursive: true });
    writeFileSync(join(folder, 'python', 'scale', 'config.pbtxt'), 'backend: "python"');
    writeFileSync(join(folder, 'python', 'scale', '1', 'model.py'), '');
    savedModels(folder, 'saved/half/1');
    const { code, stderr } = await run(['up', write(folder, spec), '--port', '0', '--grpc-port', '0']);
    assert.notEqual(code, 0);
    assert.match(stderr, problem);
  });
}

test('explain says which runtime serves, and how it is started', async t => {
  const folder = home(t);
  savedModels(folder, 'half/1', 'half/4');
  const file = write(folder, { model: { uri: './half' }, runtime: { tensorflowServing: {} }, replicas: 2 });
  const { code, stdout } = await run(['explain', file]);
  assert.equal(code, 0);
  assert.match(stdout, /^chat stable: 100 % of requests, 2 servers\n\n {2}run by TensorFlow Serving\n/);
  assert.match(stdout, / {2}half version 4: .*\/half\/4\n/);
  assert.match(stdout, / {4}tensorflow_model_server\n {4}--rest_api_port=8501\n/);
  const { stdout: json } = await run(['explain', file, '-o', 'json']);
  const { arms } = JSON.parse(json) as { arms: { runtime: string; argv: string[] }[] };
  assert.deepEqual([arms[0]?.runtime, arms[0]?.argv[0]], ['TensorFlow Serving', 'tensorflow_model_server']);
});

test('models that another server would not find are told before it starts', async t => {
  const folder = home(t);
  savedModels(folder, 'half/1');
  const cases: readonly (readonly [object, RegExp])[] = [
    [
      { model, runtime: { triton: {} } },
      /spec\.model\.uri: .*Triton's models are folders of numbered versions/,
    ],
    [{ model, runtime: { tensorflowServing: {} } }, /it holds neither a saved_model\.pb nor numbered/],
    [{ model: { uri: './gone' }, runtime: { custom } }, /spec\.model\.uri: .*\/gone/],
    [
      { model: { uri: './half', version: 'new' }, runtime: { tensorflowServing: {} } },
      /the version 'new' of 'half' must be a number/,
    ],
    [
      { model: { uri: './half', versions: { specific: [9] } }, runtime: { tensorflowServing: {} } },
      /it has no version 9/,
    ],
  ];
  for (const [spec, problem] of cases) {
    const { code, stderr } = await run(['up', write(folder, spec)]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, problem);
  }
});

test('the example of a server of one’s own streams, and has a split', async t => {
  const { url } = await running(t, ['up', 'examples/custom']);
  const body = '{"stream":true,"max_tokens":3}';
  const { text } = await ask(`${url}/v1/chat/completions`, { body });
  const said = [...text.matchAll(/"content":"(.*?)"/g)].map(([, word]) => word);
  assert.deepEqual(said, ['The ', 'model ', 'is ']);
  assert.match(text, /data: \[DONE\]\n\n$/);
  assert.match(
    (await ask(`${url}/metrics`)).text,
    /^words_generated_total\{revision="words-\w+",server="0"\} 3$/m,
  );
});
