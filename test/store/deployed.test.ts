/** What a pod pulls before it starts is what its server finds, when nobody answers any more: the launch of a deployed revision, run here. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { contained, deployedRevision, type Launch, launch, parse, urisOf } from '#spec';
import { root, run, running } from '../programs/fairlead.ts';
import { loopbackSource } from './source.ts';

const models = join(root, 'examples', 'digits', 'models', 'digits');
const first = readFileSync(join(models, '1', 'model.onnx'));
const second = readFileSync(join(models, '2', 'model.onnx'));
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'fairlead-deployed-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Its models are elsewhere, whatever their URIs say; the cache is a folder of the test. */
function launched(spec: object, cache: string): Launch {
  const parsed = parse(JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec }));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const written = parsed.value;
  const { service: inside } = contained(written, { base: '/', interpreter: undefined, isAway: true });
  const found = urisOf(written.spec, 'spec', written.spec.runtime).map(() => undefined);
  const lying = { isFile: () => false, configured: () => undefined };
  const { revision, isPulled } = deployedRevision({ written, inside, role: 'stable', found, lying });
  const place = { program: [], host: '127.0.0.1', port: 0, grpcPort: undefined, behindGateway: false };
  return launch(revision, { ...place, ...(isPulled && { cache }) });
}

/** As a pod has them: variables that are empty are none. */
const written = (env: Launch['env']): Launch['env'] =>
  Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));

/** The flags that a test's program is given by itself are left out. */
const flags = ({ argv }: Launch): string[] => argv.filter(one => !one.startsWith('--port='));

async function served(url: string): Promise<readonly string[]> {
  const answer = await fetch(`${url}/v2/repository/index`, { method: 'POST' });
  const index = (await answer.json()) as { name: string; version: string; state: string }[];
  return index.map(({ name, version, state }) => `${name}/${version} ${state}`);
}

const cases: readonly { name: string; spec: (url: string) => object; served: readonly string[] }[] = [
  {
    name: 'one model of which nothing is said',
    spec: url => ({ model: { uri: `${url}/net/3/model.onnx` } }),
    served: ['digits/3 READY'],
  },
  {
    name: 'several, one of them pinned, by a policy',
    spec: url => ({
      models: [
        { name: 'a', uri: `${url}/net/3/model.onnx`, digest: digestOf(first) },
        { name: 'b', uri: `${url}/net/4/model.onnx`, share: 2 },
      ],
      policy: { sources: ['http'], formats: ['onnx'] },
    }),
    served: ['a/3 READY', 'b/4 READY'],
  },
];

for (const { name, spec, served: expected } of cases) {
  test(`a server finds what its pod has pulled, though its source is gone: ${name}`, async t => {
    const source = await loopbackSource(t, { '/net/3/model.onnx': first, '/net/4/model.onnx': second });
    const one = launched(spec(source.url), folder(t));
    const pulled = await run(one.init?.argv ?? [], written(one.init?.env ?? {}));
    assert.equal(pulled.code, 0, pulled.stderr);
    await source.close();
    const program = await running(t, flags(one), { ...written(one.env), FAIRLEAD_OFFLINE: '1' });
    assert.deepEqual(await served(program.url), expected);
  });
}

test('what a policy does not let in is not pulled, and says so', async t => {
  const source = await loopbackSource(t, { '/net/3/model.onnx': first });
  const uri = `${source.url}/net/3/model.onnx`;
  const { init } = launched({ model: { uri }, policy: { sources: ['s3://bucket/'] } }, folder(t));
  const { code, stderr } = await run(init?.argv ?? [], written(init?.env ?? {}));
  assert.equal(code, 1);
  assert.match(stderr, /is not let in: spec\.policy lets in only what comes from s3:\/\/bucket\//);
});

test('a model of a claim is read below its mount, and no other bytes than those of its pin', async t => {
  const volume = folder(t);
  cpSync(models, join(volume, 'net'), { recursive: true });
  const env = { FAIRLEAD_VOLUMES: `weights=${volume}` };
  const uri = 'pvc://weights/net/2';
  const { stdout } = await run(['store', 'digest', uri], env);
  const [digest = ''] = stdout.split(' ');
  assert.equal(digest, digestOf(second));
  const good = launched({ model: { uri, digest } }, '');
  const program = await running(t, flags(good), { ...written(good.env), ...env });
  assert.deepEqual(await served(program.url), ['digits/2 READY']);
  const bad = launched({ model: { uri, digest: digestOf(first) } }, '');
  const refused = await run(flags(bad), { ...written(bad.env), ...env });
  assert.equal(refused.code, 3, refused.stderr);
  assert.match(refused.stderr, /model\.onnx has the digest sha256:/);
});
