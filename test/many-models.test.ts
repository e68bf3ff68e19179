/** Several models in one server: a file of them behind the gateway, and a repository folder, as a user has them. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type InferReply, Rpc, refusalOf } from './conformance/rpc.ts';
import { type Program, root, run, running, until } from './programs/fairlead.ts';

const digits = join(root, 'examples', 'digits', 'models', 'digits');
const row = Array<number>(64).fill(0);

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(url: string, body?: object): Promise<Answer> {
  const answer = await fetch(url, body && { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Answer['body'] };
}

const infer = { inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64], data: row }] };

/** The version that answers, by a path of V2. */
async function versionAt(url: string, model: string): Promise<unknown> {
  const { status, body } = await ask(`${url}/v2/models/${model}/infer`, infer);
  return status === 200 ? body['model_version'] : status;
}

function client(t: TestContext, address: string): Rpc {
  const rpc = new Rpc(address, { 'grpc.enable_retries': 0 });
  t.after(() => rpc.close());
  return rpc;
}

function message(name: string, version = ''): Parameters<Rpc['call']>[1] {
  return {
    model_name: name,
    model_version: version,
    id: '',
    inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 64] }],
    raw_input_contents: [Buffer.from(Float32Array.from(row).buffer)],
  };
}

/** A folder of two models: one with a configuration of Triton's, one with versions alone. */
async function repository(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-many-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(digits, join(folder, 'digits'), { recursive: true });
  await mkdir(join(folder, 'other'));
  await cp(join(digits, '1'), join(folder, 'other', '7'), { recursive: true });
  const config = [
    'name: "digits"',
    'max_batch_size: 16',
    'version_policy { all {} }',
    'dynamic_batching { }',
    'optimization { priority: PRIORITY_MAX }',
  ];
  await writeFile(join(folder, 'digits', 'config.pbtxt'), config.join('\n'));
  return folder;
}

function logged({ stderr }: Program, message_: string): Record<string, unknown>[] {
  return stderr()
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line) as Record<string, unknown>)
    .filter(line => line['message'] === message_ || line['msg'] === message_);
}

test('up serves the models of one file behind one address, by version and by label', async t => {
  const program = await running(t, ['up', 'examples/many-models']);
  const { url } = program;
  for (const version of ['1', '2']) assert.equal(await versionAt(url, `digits/versions/${version}`), version);
  assert.equal(await versionAt(url, 'digits/versions/3'), 404);
  for (const [label, version] of [
    ['stable', '1'],
    ['canary', '2'],
  ]) {
    const { status, body } = await ask(`${url}/v1/models/digits/labels/${label}`);
    assert.equal(status, 200);
    assert.match(JSON.stringify(body), new RegExp(`"version":"${version}"`));
  }
  assert.equal((await ask(`${url}/v2/models/diabetes`)).body['name'], 'diabetes');
  assert.match(program.stderr(), /stable 2 models 100%/);
  const { body } = await ask(`${url}/`);
  const [revision] = body['revisions'] as { models: unknown }[];
  assert.deepEqual(revision?.models, [
    { name: 'digits', version: '1' },
    { name: 'digits', version: '2' },
    { name: 'diabetes', version: '1' },
  ]);
});

test('up serves the models of one file over gRPC', async t => {
  const { stderr } = await running(t, ['up', 'examples/many-models']);
  const rpc = client(t, / and grpc:\/\/(\S+):/.exec(stderr())?.[1] ?? '');
  for (const version of ['1', '2']) {
    const reply = await rpc.call<InferReply>('ModelInfer', message('digits', version));
    assert.equal(reply.model_version, version);
  }
  const { name } = await rpc.call<{ name: string }>('ModelMetadata', { name: 'diabetes', version: '' });
  assert.equal(name, 'diabetes');
  assert.equal((await refusalOf(rpc.call('ModelInfer', message('nobody'))))?.code, 5);
});

test('serve takes a repository folder, tells once what has no effect, and finds what comes', async t => {
  const folder = await repository(t);
  const program = await running(t, ['serve', folder, '--poll', '200ms']);
  const { url, grpc } = program;
  for (const version of ['1', '2']) assert.equal(await versionAt(url, `digits/versions/${version}`), version);
  assert.equal(await versionAt(url, 'other'), '7');
  const reply = await client(t, grpc).call<InferReply>('ModelInfer', message('other'));
  assert.equal(reply.model_version, '7');
  await cp(join(digits, '2'), join(folder, 'other', '8'), { recursive: true });
  await until(async () => (await versionAt(url, 'other')) === '8');
  const notes = program
    .stderr()
    .split('\n')
    .filter(line => line.includes('repository note') && line.includes('optimization.priority'));
  assert.equal(notes.length, 1, program.stderr());
  assert.match(notes[0] ?? '', /"level":"warn"/);
});

test('a file of a repository is served by up, and its lazy models when they are asked for', async t => {
  const folder = await repository(t);
  const spec = { repository: { uri: folder }, server: { lazy: {} } };
  const file = join(folder, 'fairlead.yaml');
  await writeFile(file, JSON.stringify({ kind: 'ModelService', metadata: { name: 'all' }, spec }));
  const program = await running(t, ['up', file]);
  assert.equal(await versionAt(program.url, 'other'), '7');
  assert.equal(await versionAt(program.url, 'digits/versions/1'), '1');
  assert.equal(logged(program, 'internal').length, 0);
});

test('explain prints each setting with its place, and the whole as JSON', async () => {
  const { code, stdout } = await run(['explain', 'examples/many-models']);
  assert.equal(code, 0);
  assert.match(stdout, /share +3 +1 +spec\.models\[0\]\.share/);
  assert.match(stdout, /deadlineMs +2000 +30000 +spec\.models\[1\]\.deadline/);
  assert.match(stdout, /maxDelayMs +1 +0 +spec\.server\.batching\.maxDelay/);
  const json = await run(['explain', 'examples/many-models', '-o', 'json']);
  const told = JSON.parse(json.stdout) as { service: string; arms: { models: { name: string }[] }[] };
  assert.equal(told.service, 'many-models');
  assert.deepEqual(
    told.arms.map(arm => arm.models.map(({ name }) => name)),
    [['digits', 'diabetes']],
  );
});

test('explain takes what serve takes, and a service file alone', async () => {
  const named = await run(['explain', `mine=${digits}`]);
  assert.equal(named.code, 0, named.stderr);
  assert.match(named.stdout, /^mine: /);
  const missing = await run(['explain', 'mine=nowhere']);
  assert.match(missing.stderr, /nowhere/);
  assert.notEqual(missing.code, 0);
  for (const service of ['examples/many-models', 'examples/many-models/fairlead.yaml']) {
    const { code, stderr } = await run(['explain', service, digits]);
    assert.equal(code, 2);
    assert.match(stderr, /fairlead\.yaml is a service file, which is explained alone/);
  }
});

test('explain tells files that are no models, and models that cannot be served together', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-explain-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'half', '1'), { recursive: true });
  await writeFile(join(folder, 'half', '1', 'model.onnx'), 'not a model');
  const half = await run(['explain', join(folder, 'half')]);
  assert.equal(half.code, 1, half.stdout);
  assert.match(half.stdout, /half: cannot be served\n.*model\.onnx is not a valid ONNX model/);
  const twice = await run(['explain', digits, digits]);
  assert.equal(twice.code, 2, twice.stdout);
  assert.match(twice.stderr, /two models are both 'digits' version 2/);
});

test('explain of a repository shows its notes, and answers 1 for a model that cannot be served', async t => {
  const folder = await repository(t);
  const good = await run(['explain', folder]);
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /maxRows +16 +64 +max_batch_size \(config\.pbtxt:2\)/);
  assert.match(good.stdout, /! optimization\.priority/);
  await mkdir(join(folder, 'broken', '1'), { recursive: true });
  await writeFile(join(folder, 'broken', '1', 'model.plan'), '');
  const bad = await run(['explain', folder]);
  assert.equal(bad.code, 1);
  assert.match(bad.stdout, /broken: cannot be served/);
  assert.match(bad.stdout, /other: 1 of 1 version served/);
});

const faults: readonly { name: string; spec: object; says: RegExp }[] = [
  {
    name: 'a label of a version that is not served',
    spec: { models: [{ name: 'a', uri: digits, labels: { stable: 9 } }] },
    says: /spec: the label 'stable' of model 'a' is for version 9, which is not served; served are 2/,
  },
  {
    name: 'two models of one name and version',
    spec: {
      models: [
        { name: 'a', uri: digits },
        { name: 'a', uri: join(digits, '2') },
      ],
    },
    says: /two models are both 'a' version 2/,
  },
  {
    name: 'a folder of models as one',
    spec: { model: { uri: join(digits, '..') } },
    says: /spec\.model\.uri: .*models is a folder of models; name it as repository/,
  },
  {
    name: 'a model that is not there',
    spec: {
      models: [
        { name: 'a', uri: digits },
        { name: 'b', uri: './nope' },
      ],
    },
    says: /spec\.models\[1\]\.uri: .*nope: the model is not there/,
  },
];

for (const { name, spec, says } of faults) {
  test(`up, explain and render refuse a file with ${name}`, async t => {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-faults-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'fairlead.yaml');
    await writeFile(file, JSON.stringify({ kind: 'ModelService', metadata: { name: 'd' }, spec }));
    const ended = await run(['up', file, '--port', '0']);
    assert.equal(ended.code, 2, ended.stderr);
    assert.match(ended.stderr, says);
    const explained = await run(['explain', file]);
    assert.equal(explained.code, 1, explained.stderr);
    assert.match(explained.stderr, says);
    const rendered = await run(['render', file]);
    assert.equal(rendered.code, 2, rendered.stderr);
    assert.match(rendered.stderr, says);
  });
}
