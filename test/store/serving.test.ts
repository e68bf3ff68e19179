/** Models that come by a URI, from end to end: real programs, a source on this machine, a cache of their own. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { root, run, running, until } from '../programs/fairlead.ts';
import { type LoopbackSource, loopbackSource } from './source.ts';

const models = join(root, 'examples', 'digits', 'models', 'digits');
const first = readFileSync(join(models, '1', 'model.onnx'));
const second = readFileSync(join(models, '2', 'model.onnx'));
const PATH = '/digits/3/model.onnx';

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'fairlead-uris-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

interface Ground {
  readonly source: LoopbackSource;
  readonly uri: string;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

async function ground(t: TestContext): Promise<Ground> {
  const source = await loopbackSource(t, { [PATH]: first });
  const made = folder(t);
  return { source, uri: `${source.url}${PATH}`, env: { FAIRLEAD_CACHE: join(made, 'cache') }, folder: made };
}

interface Metadata {
  readonly versions: readonly string[];
  readonly properties: { readonly digest: string; readonly uri?: string };
}

async function metadata(url: string): Promise<Metadata> {
  const answer = await fetch(`${url}/v2/models/digits`);
  assert.equal(answer.status, 200);
  return (await answer.json()) as Metadata;
}

function serviceFile({ folder: at }: Ground, model: object): string {
  const path = join(at, 'service.yaml');
  writeFileSync(
    path,
    JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec: { model } }),
  );
  return path;
}

test('serve of a URI has its name and version from there, and tells the digest in three places', async t => {
  const { uri, env } = await ground(t);
  const program = await running(t, ['serve', uri], env);
  const { versions, properties } = await metadata(program.url);
  assert.deepEqual(versions, ['3']);
  assert.deepEqual(properties, { digest: digestOf(first), uri });
  const metrics = await (await fetch(`${program.url}/metrics`)).text();
  assert.ok(
    metrics.includes(`model_info{model_name="digits",model_version="3",digest="${digestOf(first)}"} 1`),
  );
  const ready =
    program
      .stderr()
      .split('\n')
      .find(line => line.includes('"model ready"')) ?? '';
  const { digest, uri: told } = JSON.parse(ready) as { digest: string; uri: string };
  assert.deepEqual([digest, told], [digestOf(first), uri]);
});

test('up of a URI, and of a file that pins it, serves what was fetched once, and its servers say where it came from', async t => {
  const all = await ground(t);
  const { source, uri, env } = all;
  const bare = await running(t, ['up', uri], env);
  assert.deepEqual((await metadata(bare.url)).properties, { digest: digestOf(first), uri });
  await bare.stop();
  const sent = source.sent();
  const file = serviceFile(all, { uri, digest: digestOf(first), name: 'digits' });
  const pinned = await running(t, ['up', file], env);
  const { versions, properties } = await metadata(pinned.url);
  assert.deepEqual([versions, properties.digest], [['3'], digestOf(first)]);
  assert.equal(source.sent(), sent);
});

test('a wrong pin is refused with what is expected and what was found, by up, serve and explain', async t => {
  const all = await ground(t);
  const { uri, env } = all;
  const wrong = digestOf(second);
  const file = serviceFile(all, { uri, digest: wrong });
  for (const args of [
    ['up', file],
    ['serve', uri, '--digest', wrong],
    ['explain', file],
  ]) {
    const { code, stderr } = await run(args, env);
    assert.notEqual(code, 0);
    assert.ok(stderr.includes(wrong) && stderr.includes(digestOf(first)), stderr);
  }
});

test('a path of this machine that is pinned is read through, and refused once a byte of it is another', async t => {
  const all = await ground(t);
  const path = join(all.folder, 'model.onnx');
  writeFileSync(path, first);
  const args = ['serve', `digits=${path}`, '--digest', digestOf(first)];
  const good = await running(t, args, all.env);
  assert.equal((await metadata(good.url)).properties.digest, digestOf(first));
  await good.stop();
  const flipped = Buffer.from(first);
  flipped[100] = (flipped[100] ?? 0) ^ 1;
  writeFileSync(path, flipped);
  const { code, stderr } = await run(args, all.env);
  assert.equal(code, 3);
  assert.ok(stderr.includes(digestOf(flipped)) && stderr.includes(digestOf(first)), stderr);
});

test('one flipped byte in the cache is refused with file, expected and found, and pull mends it', async t => {
  const { source, uri, env } = await ground(t);
  const pulled = await run(['store', 'pull', uri, '-o', 'json'], env);
  assert.equal(pulled.code, 0, pulled.stderr);
  const [{ path, digest }] = JSON.parse(pulled.stdout) as [{ path: string; digest: string }];
  assert.equal(digest, digestOf(first));
  const flipped = Buffer.from(first);
  flipped[100] = (flipped[100] ?? 0) ^ 1;
  chmodSync(path, 0o644);
  writeFileSync(path, flipped);
  const args = ['serve', uri, '--digest', digest];
  const { code, stderr } = await run(args, env);
  assert.equal(code, 3);
  for (const told of ['model.onnx', digestOf(flipped).slice(7), digest.slice(7)])
    assert.ok(stderr.includes(told), `${told} in ${stderr}`);
  const verified = await run(['store', 'verify'], env);
  assert.deepEqual([verified.code, verified.stdout.split('\n').length], [1, 2]);
  const sent = source.sent();
  assert.equal((await run(['store', 'pull', uri], env)).code, 0);
  assert.ok(source.sent() > sent);
  assert.equal((await run(['store', 'verify'], env)).code, 0);
  const { url } = await running(t, args, env);
  assert.equal((await metadata(url)).properties.digest, digest);
});

test('a changed object is pulled by a poll, and takes the place of what is served; a source that is gone keeps it', async t => {
  const { source, uri, env } = await ground(t);
  const program = await running(t, ['serve', uri, '--poll', '1s', '--model-version', '3'], env);
  assert.equal((await metadata(program.url)).properties.digest, digestOf(first));
  source.files.set(PATH, second);
  await until(async () => (await metadata(program.url)).properties.digest === digestOf(second));
  const metrics = await (await fetch(`${program.url}/metrics`)).text();
  assert.equal(metrics.match(/^model_info\{/gm)?.length, 1);
  // What is read no more is not kept from being removed; what is served is.
  const left = async (): Promise<(readonly [string, boolean])[]> => {
    const { stdout } = await run(['store', 'list', '-o', 'json'], env);
    const cached = JSON.parse(stdout) as { digest: string; inUse: boolean }[];
    return cached.map(({ digest, inUse }) => [digest, inUse] as const);
  };
  const expected = new Map([
    [digestOf(first), false],
    [digestOf(second), true],
  ]);
  await until(async () => isDeepStrictEqual(new Map(await left()), expected));
  await source.close();
  await until(() => program.stderr().includes('repository not read'));
  assert.equal((await metadata(program.url)).properties.digest, digestOf(second));
});

test('a load by request asks the source anew', async t => {
  const { source, uri, env } = await ground(t);
  const { url } = await running(t, ['serve', uri, '--model-control', '--model-version', '3'], env);
  source.files.set(PATH, second);
  const load = await fetch(`${url}/v2/repository/models/digits/load`, { method: 'POST' });
  assert.equal(load.status, 200, await load.text());
  assert.equal((await metadata(url)).properties.digest, digestOf(second));
});

test('explain tells where a model comes from, its digest, and whether it was here already', async t => {
  const { uri, env } = await ground(t);
  const told = async (): Promise<string> => (await run(['explain', uri], env)).stdout;
  assert.ok(
    (await told()).includes(
      `from ${uri}\n  digest ${digestOf(first)}, ${first.length} bytes, fetched for this\n`,
    ),
  );
  assert.match(await told(), /in the cache already/);
});

test("a machine's policy lets in what is pinned, and nothing else, of this machine or another", async t => {
  const { uri, env, folder: at } = await ground(t);
  const policy = join(at, 'policy.yaml');
  writeFileSync(policy, 'digest: required\n');
  const path = join(models, '1', 'model.onnx');
  for (const model of [uri, path]) {
    const { code, stderr } = await run(['serve', model, '--policy', policy], env);
    assert.deepEqual(
      [code, /is not let in: .*wants every model to be pinned/.test(stderr)],
      [1, true],
      stderr,
    );
  }
  const { url } = await running(t, ['serve', uri, '--digest', digestOf(first)], {
    ...env,
    FAIRLEAD_POLICY: policy,
  });
  assert.equal((await metadata(url)).properties.digest, digestOf(first));
  const service = serviceFile({ folder: at } as Ground, { uri, digest: digestOf(first) });
  const up = await running(t, ['up', service, '--policy', policy], env);
  assert.equal((await metadata(up.url)).properties.digest, digestOf(first));
});

test('of a pinned repository nothing is loaded that lies outside of it', async t => {
  const made = folder(t);
  const [repository, outside] = [join(made, 'repository'), join(made, 'outside')];
  for (const at of [join(repository, 'digits', '1'), join(outside, '1')]) mkdirSync(at, { recursive: true });
  for (const at of [join(repository, 'digits', '1'), join(outside, '1')])
    writeFileSync(join(at, 'model.onnx'), first);
  const list = (path: string): string =>
    `model_config_list { config { name: "digits" base_path: "${path}" model_platform: "onnx" } }`;
  const pinned = async (path: string) => {
    writeFileSync(join(repository, 'models.config'), list(path));
    const { stdout } = await run(['store', 'digest', repository]);
    const args = [
      'serve',
      repository,
      '--digest',
      stdout.split(' ')[0] ?? '',
      '--port',
      '0',
      '--grpc-port',
      'off',
    ];
    return { args, env: { FAIRLEAD_CACHE: join(made, 'cache') } };
  };
  const good = await pinned('digits');
  const { url } = await running(t, good.args, good.env);
  assert.equal((await metadata(url)).properties.digest, digestOf(first));
  for (const path of [outside, '../outside']) {
    const bad = await pinned(path);
    const { code, stderr } = await run(bad.args, bad.env);
    assert.equal(code, 2);
    assert.match(stderr, /outside\/1\/model\.onnx is no part of what was verified/);
  }
});

test('up ends while it fetches what an edit asks for', async t => {
  const at = await ground(t);
  const file = serviceFile(at, { uri: join(models, '1') });
  const { child, stop } = await running(t, ['up', file], at.env);
  at.source.silentAfter = at.source.sent();
  const asked = at.source.asked();
  serviceFile(at, { uri: at.uri });
  await until(() => at.source.asked() > asked);
  assert.equal(await Promise.race([stop('SIGINT'), deadline(t, 15_000)]), 0, `${child.pid} ended`);
});

/** Resolves to nothing once so many milliseconds have gone. */
function deadline(t: TestContext, ms: number): Promise<undefined> {
  return new Promise(resolve => {
    const timer = setTimeout(() => resolve(undefined), ms);
    t.after(() => clearTimeout(timer));
  });
}
