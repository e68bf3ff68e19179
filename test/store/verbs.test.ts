/** What `fairlead store` prints, fetches and removes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { faultProxy } from '../../src/store/fixtures/fault-proxy.ts';
import { type Ended, root, run, until } from '../programs/fairlead.ts';
import { loopbackSource } from './source.ts';

const first = readFileSync(join(root, 'examples/digits/models/digits/1/model.onnx'));
const second = readFileSync(join(root, 'examples/digits/models/digits/2/model.onnx'));
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

async function ground(t: TestContext) {
  const source = await loopbackSource(t, { '/digits/1/model.onnx': first, '/digits/2/model.onnx': second });
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { FAIRLEAD_CACHE: join(folder, 'cache') };
  const store = (...args: readonly string[]): Promise<Ended> => run(['store', ...args], env);
  const uri = (version: number): string => `${source.url}/digits/${version}/model.onnx`;
  return { source, folder, store, uri };
}

test('digest prints data alone: of a path, of a file URI and of what is fetched, all the same', async t => {
  const { store, uri } = await ground(t);
  const path = 'examples/digits/models/digits/1/model.onnx';
  const names = [path, `file://${join(root, path)}`, uri(1)];
  const { code, stdout } = await store('digest', ...names);
  assert.equal(code, 0);
  assert.equal(stdout, names.map(name => `${digestOf(first)}  ${name}\n`).join(''));
});

test('pull gives up on a source that says no more, names it, and goes on from what has arrived', async t => {
  const { source, store, uri } = await ground(t);
  source.silentAfter = 1000;
  const { code, stderr } = await store('pull', uri(1), '--timeout', '1s');
  assert.equal(code, 3, stderr);
  assert.match(
    stderr,
    /digits\/1\/model\.onnx: it was not all here after 1s \(--timeout\)\n {2}hint: nothing that has arrived/,
  );
  source.silentAfter = Infinity;
  assert.equal((await store('pull', uri(1), '--timeout', '20s')).code, 0);
});

test('pull prints where models lie, copies them out, and list, verify and prune tell of them', async t => {
  const { store, uri, folder } = await ground(t);
  const to = join(folder, 'out');
  const { code, stdout, stderr } = await store('pull', uri(1), uri(2), '--to', to);
  assert.equal(code, 0, stderr);
  const [line = '', other = ''] = stdout.split('\n');
  assert.equal(line.split('  ')[0], digestOf(first));
  assert.deepEqual(readFileSync(line.split('  ')[1] ?? ''), first);
  assert.deepEqual(readFileSync(join(to, 'digits/1/model.onnx')), first);
  assert.deepEqual(readFileSync(join(to, 'digits/2/model.onnx')), second);
  // Whoever writes there changes nothing of the cache.
  assert.notEqual(statSync(join(to, 'digits/2/model.onnx')).ino, statSync(other.split('  ')[1] ?? '').ino);
  const listed = await store('list', '-o', 'json');
  const cached = JSON.parse(listed.stdout) as { digest: string; uris: string[]; inUse: boolean }[];
  const told = cached.map(({ digest, uris, inUse }) => [digest, ...uris, inUse]);
  const expected = [
    [digestOf(first), uri(1), false],
    [digestOf(second), uri(2), false],
  ];
  assert.deepEqual(new Set(told), new Set(expected));
  assert.match((await store('list')).stdout, /^DIGEST +SIZE +FILES +USED +IN USE +URI\n(sha256:.*\n){2}$/);
  assert.deepEqual(await store('verify', uri(1)), { code: 0, stdout: '', stderr: 'no damage\n' });
  assert.equal((await store('prune', '--older-than', '1h')).stdout, '');
  const pruned = await store('prune', '--all');
  assert.equal(pruned.stdout.split('\n').length, 3);
  assert.match(pruned.stderr, /^freed .* KiB: 2 models\n$/);
  assert.equal((await store('list', '-o', 'json')).stdout, '[]\n');
});

test('pull copies out what lies on this machine too, a version of several pinned or not', async t => {
  const { store, folder } = await ground(t);
  const path = 'examples/digits/models/digits';
  for (const [at, flags] of [[], ['--digest', digestOf(second)]].entries()) {
    const to = join(folder, `out-${at}`);
    const { code, stderr } = await store('pull', path, '--to', to, ...flags);
    assert.equal(code, 0, stderr);
    assert.deepEqual(readdirSync(to), ['model.onnx']);
    assert.deepEqual(readFileSync(join(to, 'model.onnx')), second);
  }
  writeFileSync(join(folder, 'file'), '');
  const refused = await store('pull', path, '--to', join(folder, 'file'));
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /file\/model\.onnx cannot be written: /);
});

test('what is no digest is refused before anything is fetched', async t => {
  const { source, store, uri } = await ground(t);
  const asked = source.asked();
  for (const text of ['abc', digestOf(first).toUpperCase(), digestOf(first).slice(7)]) {
    const { code, stderr } = await store('pull', uri(1), '--digest', text);
    assert.equal(code, 2);
    assert.match(stderr, /--digest must be sha256: and 64 hex digits in lower case/);
  }
  assert.equal(source.asked(), asked);
});

test('digest of a path heeds what is included and excluded', async t => {
  const { store, folder } = await ground(t);
  writeFileSync(join(folder, 'model.onnx'), first);
  writeFileSync(join(folder, 'notes.txt'), 'notes');
  const digest = async (...flags: readonly string[]): Promise<string> =>
    (await store('digest', folder, ...flags)).stdout.split(' ')[0] ?? '';
  assert.notEqual(await digest(), digestOf(first));
  assert.equal(await digest('--include', '*.onnx'), digestOf(first));
  assert.equal(await digest('--exclude', '*.txt'), digestOf(first));
  const nothing = await store('digest', folder, '--include', '*.pb');
  assert.equal(nothing.code, 2);
  assert.match(nothing.stderr, /nothing of it is left by include and exclude/);
});

test('pull of a file fetches each of its models, and without arguments what serve would take', async t => {
  const { store, uri, folder } = await ground(t);
  const file = join(folder, 'service.yaml');
  const spec = { model: { uri: uri(1) }, candidate: { model: { uri: uri(2) }, weight: 10 } };
  writeFileSync(file, JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec }));
  const ofFile = await store('pull', '-f', file, '-o', 'json');
  assert.equal(ofFile.code, 0, ofFile.stderr);
  const pulled = JSON.parse(ofFile.stdout) as { digest: string; fetched: number }[];
  assert.deepEqual(
    pulled.map(one => [one.digest, one.fetched]),
    [
      [digestOf(first), first.length],
      [digestOf(second), second.length],
    ],
  );
  const env = { FAIRLEAD_CACHE: join(folder, 'cache'), MODEL_PATH: uri(2) };
  const again = await run(['store', 'pull', '-o', 'json'], env);
  assert.equal((JSON.parse(again.stdout) as { fetched: number }[])[0]?.fetched, 0, again.stderr);
});

const refused: readonly {
  what: string;
  args: (uri: string) => readonly string[];
  code: number;
  says: RegExp;
}[] = [
  { what: 'nothing to pull', args: () => ['pull'], code: 2, says: /no model is named/ },
  {
    what: 'one digest for two',
    args: uri => ['pull', uri, uri, '--digest', digestOf(first)],
    code: 2,
    says: /--digest is that of one model/,
  },
  {
    what: 'a wrong digest',
    args: uri => ['pull', uri, '--digest', digestOf(second)],
    code: 3,
    says: /is expected/,
  },
  { what: 'a model that is not there', args: uri => ['pull', `${uri}.gone`], code: 2, says: /status 404/ },
  {
    what: 'a scheme that nobody knows',
    args: () => ['digest', 'ftp://h/m'],
    code: 2,
    says: /the scheme 'ftp' is not known/,
  },
  { what: 'what was never pulled', args: () => ['verify', 's3://m/1'], code: 2, says: /is not in the cache/ },
  {
    what: 'two ways to prune',
    args: () => ['prune', '--all', '--keep', '1Gi'],
    code: 2,
    says: /give one of them/,
  },
  {
    what: 'an age without a unit',
    args: () => ['prune', '--older-than', '30'],
    code: 2,
    says: /--older-than must be/,
  },
];

for (const { what, args, code, says } of refused)
  test(`${what} is refused with ${code}`, async t => {
    const { store, uri } = await ground(t);
    const ended = await store(...args(uri(1)));
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, says);
    assert.equal(ended.stdout, '');
  });

test('a path that is only read makes no cache', async t => {
  const { store, folder } = await ground(t);
  assert.equal((await store('digest', 'examples/digits/models/digits/1')).code, 0);
  assert.equal(existsSync(join(folder, 'cache')), false);
});

test('Ctrl-C ends a pull at once, and the next one goes on from what had arrived', async t => {
  const bytes = randomBytes(48 * 2 ** 20);
  const source = await loopbackSource(t, { '/digits/1/model.onnx': bytes });
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env, FAIRLEAD_CACHE: join(folder, 'cache') };
  const args = ['store', 'pull', `${source.url}/digits/1/model.onnx`];
  source.silentAfter = 36 * 2 ** 20;
  const main = ['--conditions=source', join(root, 'src/cli/main.ts')];
  const child = spawn(process.execPath, [...main, ...args], { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  // What was sent is on its way; a partial file of that size is there.
  await until(() => partialBytes(folder) >= 24 * 2 ** 20);
  child.kill('SIGINT');
  assert.deepEqual(await ended, [null, 'SIGINT']);
  source.silentAfter = Infinity;
  const sent = source.sent();
  const { code, stdout, stderr } = await run(args, { FAIRLEAD_CACHE: env.FAIRLEAD_CACHE });
  assert.equal(code, 0, stderr);
  assert.equal(stdout.split('  ')[0], digestOf(bytes));
  assert.ok(source.sent() - sent < bytes.length - 16 * 2 ** 20, `${source.sent() - sent} bytes came again`);
});

/** Bytes of all files below a folder that take room on the disk. */
function partialBytes(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const found = names.map(name => statSync(join(folder, name), { throwIfNoEntry: false }));
  return found.reduce((sum, one) => sum + (one?.isFile() ? one.blocks * 512 : 0), 0);
}

test('a pull whose model is replaced again and again says so, and ends', async t => {
  const { source, store } = await ground(t);
  source.files.set('/large/model.onnx', randomBytes(40 * 2 ** 20));
  const proxy = await faultProxy(t, source.url);
  proxy.inject(
    { kind: 'changed' },
    { when: ({ headers }) => headers.range !== undefined && headers.range !== 'bytes=0-0' },
  );
  const { code, stderr } = await store('pull', `${proxy.origin}/large/model.onnx`);
  assert.match(stderr, /model\.onnx was replaced while it was downloaded/);
  assert.equal(code, 3);
});
