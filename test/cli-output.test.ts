/** Output that nobody reads, or that cannot be written, ends no server and prints no stack trace. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { root, until } from './programs/fairlead.ts';

type Output = 'pipe' | number;

/** The program with outputs of the test's own. It is gone after the test. */
function start(t: TestContext, args: readonly string[], outputs: { out?: Output; err?: Output } = {}) {
  const main = join(root, 'src', 'cli', 'main.ts');
  const child: ChildProcess = spawn(process.execPath, ['--conditions=source', main, ...args], {
    cwd: root,
    stdio: ['ignore', outputs.out ?? 'pipe', outputs.err ?? 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout?.on('data', chunk => (said.out += String(chunk)));
  child.stderr?.on('data', chunk => (said.err += String(chunk)));
  const ended = once(child, 'close', { signal: AbortSignal.timeout(20_000) }) as Promise<[number | null]>;
  ended.catch(() => undefined);
  t.after(() => child.kill('SIGKILL'));
  return { child, said, ended: async () => (await ended)[0] };
}

const SERVE = ['serve', 'examples/digits/models/digits/1', '--port', '0'];

test('a server whose stderr nobody reads goes on, whatever it has to say', async t => {
  const { child, said, ended } = start(t, SERVE);
  child.stderr?.destroy();
  await until(() => said.out.includes('\n'));
  const [url] = said.out.split('\n');
  await until(async () => (await fetch(`${url}/health`)).ok);
  for (let count = 0; count < 5; count++)
    assert.equal((await fetch(`${url}/predict`, { method: 'POST', body: '{' })).status, 422);
  assert.equal((await fetch(`${url}/health`)).status, 200);
  child.kill('SIGTERM');
  assert.equal(await ended(), 0);
});

test('a server whose stdout nobody reads goes on', async t => {
  const { child, said, ended } = start(t, SERVE);
  child.stdout?.destroy();
  await until(() => said.err.includes('model ready'));
  child.kill('SIGTERM');
  assert.equal(await ended(), 0, said.err);
  assert.doesNotMatch(said.err, /EPIPE/);
});

for (const verb of ['schema', '--help']) {
  test(`${verb} ends quietly when its reader has left`, async t => {
    const { child, said, ended } = start(t, [verb]);
    child.stdout?.destroy();
    assert.equal(await ended(), 0);
    assert.equal(said.err, '');
  });
}

const skip = existsSync('/dev/full') ? false : 'this system has no /dev/full';

test('schema on a full disk exits 3 with a sentence', { skip }, async t => {
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  const { said, ended } = start(t, ['schema'], { out: full });
  assert.equal(await ended(), 3);
  assert.match(said.err, /^fairlead: the output cannot be written: .*no space left on device.*\n$/);
});

test('what is wrong has its exit code even where its sentence cannot be written', { skip }, async t => {
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  assert.equal(await start(t, ['serve', 'nope.onnx'], { err: full }).ended(), 2);
});
