/** How a server ends that has a model at work in a thread: Node aborts a process that exits then. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import test, { type TestContext } from 'node:test';
import { modelFile } from '../src/server/fixtures/onnx-file.ts';
import { slowModel } from '../src/server/fixtures/slow-model.ts';
import { type Program, startProgram, until } from './programs/fairlead.ts';

/** Of one request, which the model works on for long: many times the grace. */
const ROWS = 1000;

async function busyServer(t: TestContext, grace: string): Promise<Program> {
  const path = modelFile(t, slowModel(8, 400));
  const server = await startProgram(['serve', path, '--place', 'threads', '--grace', grace]);
  t.after(() => server.child.kill('SIGKILL'));
  // Cut off, or told that the server goes: nobody looks at it.
  fetch(`${server.url}/predict`, {
    method: 'POST',
    body: JSON.stringify({
      inputs: Array.from({ length: ROWS }, () => Array.from({ length: 400 }, () => 0)),
    }),
  }).catch(() => undefined);
  await until(async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return /^predictions_in_flight\{.*\} 1$/m.test(text);
  });
  return server;
}

test('a server that is stopped in the middle of a long run ends with 0, and in silence', async t => {
  const server = await busyServer(t, '1s');
  assert.equal(await server.stop(), 0);
  assert.doesNotMatch(server.stderr(), /terminate called|Napi/);
  assert.match(server.stderr(), /"message":"stopped"/);
});

test('a second signal in the middle of a long run ends it at once, with 1', async t => {
  const server = await busyServer(t, '1h');
  const ended = once(server.child, 'exit') as Promise<[number | null, string | null]>;
  const since = performance.now();
  server.child.kill('SIGTERM');
  // Two that come together are one.
  await until(() => performance.now() - since > 500 && server.stderr().includes('draining'));
  server.child.kill('SIGTERM');
  assert.deepEqual(await ended, [1, null]);
  assert.doesNotMatch(server.stderr(), /terminate called|Napi/);
});
