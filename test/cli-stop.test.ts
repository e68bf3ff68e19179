/** How the verbs that serve come to an end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type Program, root, run, running, startProgram, until } from './programs/fairlead.ts';

/** Longer than any test waits, so that who waits for it fails. */
const LONG_DRAIN = ['--drain-delay', '1h', '--grace', '2h'];

/** Signals it until it is gone, as somebody who presses Ctrl-C again and again. */
async function insist({ child }: Program, signal: NodeJS.Signals): Promise<number | null> {
  await until(() => {
    child.kill(signal);
    return child.exitCode !== null || child.signalCode !== null;
  });
  return child.exitCode;
}

async function slowService(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-stop-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const uri = join(import.meta.dirname, '../examples/digits/models/digits/1');
  const path = join(folder, 'slow.yaml');
  const server = '{drain: {delay: 1h, grace: 2h}}';
  writeFileSync(
    path,
    `kind: ModelService\nmetadata: {name: slow}\nspec:\n  model: {uri: ${uri}}\n  server: ${server}\n`,
  );
  return path;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`a second ${signal} ends a serve that drains at once, with 1`, async () => {
    const server = await startProgram(['serve', 'examples/digits/models/digits/1', ...LONG_DRAIN]);
    assert.equal(await insist(server, signal), 1);
  });
}

test('a second Ctrl-C ends an up that drains at once, with 1', async t => {
  const service = await startProgram(['up', await slowService(t)]);
  assert.equal(await insist(service, 'SIGINT'), 1);
});

test('a signal that comes twice at once, from the system and from a launcher, still drains', async t => {
  const server = await running(t, ['serve', 'examples/digits/models/digits/1']);
  const ended = once(server.child, 'exit') as Promise<[number | null]>;
  for (const signal of ['SIGTERM', 'SIGTERM', 'SIGINT'] as const) server.child.kill(signal);
  assert.equal((await ended)[0], 0);
});

test('a server whose parent is gone ends at once: nobody is left to drain for', async t => {
  const args = [
    'serve',
    'examples/digits/models/digits/1',
    '--port',
    '0',
    '--exit-with-parent',
    ...LONG_DRAIN,
  ];
  const main = join(root, 'src', 'cli', 'main.ts');
  const child = spawn(process.execPath, ['--conditions=source', main, ...args], { cwd: root });
  t.after(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
  await once(child.stdout, 'data');
  child.stdin.end();
  assert.deepEqual(await ended, [0, null]);
});

test('a model that cannot load is told at once, whatever the drain', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-stop-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const model = join(folder, 'zero.onnx');
  writeFileSync(model, '');
  const ended = await run(['serve', model, '--port', '0', ...LONG_DRAIN]);
  assert.equal(ended.code, 3);
  assert.match(ended.stderr, /zero\.onnx is not a valid ONNX model/);
});
