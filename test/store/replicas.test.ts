/** What starts servers where their models are not yet, as in a pod: an init step, and servers that share a cache. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { armsOf, type Launch, launch, parse } from '#spec';
import { justPaths } from '../../src/cli/model-store.ts';
import { loadFile } from '../../src/cli/service-file.ts';
import { modelStores } from '../../src/cli/stores.ts';
import { root, until } from '../programs/fairlead.ts';
import { loopbackSource } from './source.ts';

const model = readFileSync(join(root, 'examples/digits/models/digits/1/model.onnx'));
const main = [process.execPath, '--conditions=source', join(root, 'src/cli/main.ts')];
const silent = { enabled: () => false, log: () => undefined };

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'fairlead-replicas-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** As a kubelet runs it, with nothing of this process' own caches. */
function start(t: TestContext, { argv, env }: Pick<Launch, 'argv' | 'env'>) {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  t.after(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let out = '';
  let err = '';
  child.stdout.on('data', chunk => (out += String(chunk)));
  child.stderr.on('data', chunk => (err += String(chunk)));
  return { ended, out: () => out, err: () => err };
}

/** Both steps of one replica: the digest that it serves. */
async function replica(t: TestContext, { init, ...server }: Launch): Promise<string> {
  assert.ok(init !== undefined);
  const pull = start(t, init);
  assert.deepEqual(await pull.ended, [0, null], pull.err());
  const serving = start(t, server);
  const url = (): string => serving.out().split('\n')[0] ?? '';
  await until(async () => url() !== '' && (await fetch(`${url()}/health`)).ok);
  const answer = await fetch(`${url()}/v2/models/digits`);
  return ((await answer.json()) as { properties: { digest: string } }).properties.digest;
}

test('a second replica with the same cache fetches nothing, also once the source is gone', async t => {
  const source = await loopbackSource(t, { '/digits/3/model.onnx': model });
  const made = folder(t);
  const file = join(made, 'service.yaml');
  const uri = `${source.url}/digits/3/model.onnx`;
  const text = JSON.stringify({
    kind: 'ModelService',
    metadata: { name: 'digits' },
    spec: { model: { uri } },
  });
  writeFileSync(file, text);
  // Whoever deploys it finds what it is, on a machine of its own.
  process.env['FAIRLEAD_CACHE'] = join(made, 'deployer');
  t.after(() => delete process.env['FAIRLEAD_CACHE']);
  const stores = await modelStores({}, { logger: silent, tell: () => undefined });
  const { arms } = await loadFile(file, text, stores);
  const [stable] = arms;
  assert.ok(stable !== undefined);
  const place = { program: main, host: '127.0.0.1', port: 0, grpcPort: undefined, behindGateway: false };
  const step = launch(stable.revision, { ...place, cache: join(made, 'node') });
  const deployed = source.sent();
  const digest = await replica(t, step);
  assert.ok(source.sent() > deployed);
  const fetched = source.sent();
  const asked = source.asked();
  assert.equal(await replica(t, step), digest);
  assert.deepEqual([source.sent(), source.asked()], [fetched, asked]);
  await source.close();
  assert.equal(await replica(t, step), digest);
});

test('what a repository is pulled as is what its server asks for', () => {
  const repository = { uri: 's3://models/all', versions: { latest: 2 } };
  const file = { kind: 'ModelService', metadata: { name: 'all' }, spec: { repository } };
  const service = parse(JSON.stringify(file));
  assert.ok(service.ok);
  const found = (name: string, version: string) => ({
    path: `/c/${name}`,
    digest: 'sha256:00',
    name,
    version,
  });
  const place = { program: ['fairlead'], host: '', port: 0, grpcPort: 0, behindGateway: false, cache: '/c' };
  const said = ({ argv }: { argv: readonly string[] } = { argv: [] }): readonly string[] =>
    argv.filter(text => /^(--digest|--versions|s3:)/.test(text));
  const told = (isVersioned: boolean) => {
    const artifacts = [found('a', '1'), found(isVersioned ? 'a' : 'b', '2')];
    const [arm] = armsOf(service.value, {
      stable: [{ root: '/c', digest: 'sha256:00', artifacts, isVersioned }],
    });
    assert.ok(arm !== undefined);
    const { init, argv } = launch(arm.revision, place);
    assert.deepEqual(said(init), said({ argv }));
    return said(init);
  };
  assert.deepEqual(told(false), ['--digest=sha256:00', '--versions=latest:2', 's3://models/all']);
  // A digest pins one version, and these are two.
  assert.deepEqual(told(true), ['--versions=latest:2', 's3://models/all']);
});

test('where every model lies on the machine already there is nothing to bring', async () => {
  const file = join(root, 'examples/digits/fairlead.yaml');
  const { arms } = await loadFile(file, readFileSync(file, 'utf8'), { under: () => justPaths });
  const place = {
    program: ['fairlead'],
    host: '',
    port: 0,
    grpcPort: 0,
    behindGateway: false,
    cache: '/cache',
  };
  for (const { revision } of arms) {
    const { init, env } = launch(revision, place);
    assert.equal(init, undefined);
    assert.equal(env['MODEL_PATH'], revision.models[0]?.artifact.named);
  }
});
