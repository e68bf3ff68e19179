import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Command, runCommand, startServer } from './children.ts';

const script = (code: string): Command => ({ name: 'probe', argv: [process.execPath, '-e', code] });

function logOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'probe.log');
}

test('a server is known by the first line it prints, and is gone once stopped', async t => {
  const server = await startServer(
    script("console.log('http://here'); setInterval(() => {}, 1e6)"),
    logOf(t),
  );
  assert.equal(server.url, 'http://here');
  await server.stop();
  assert.throws(() => process.kill(server.pid, 0), { code: 'ESRCH' });
});

test('a server that ends before it prints is an error that quotes its log', async t => {
  await assert.rejects(
    startServer(script("console.error('no model')"), logOf(t)),
    /probe did not start.*no model/s,
  );
});

test('a server that says nothing by the deadline is stopped', async t => {
  await assert.rejects(startServer(script('setInterval(() => {}, 1e6)'), logOf(t), 50), /did not start/);
});

test('a server that ignores SIGTERM is killed', async t => {
  const stubborn = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1e6)";
  const server = await startServer(script(stubborn), logOf(t));
  await server.stop();
  assert.throws(() => process.kill(server.pid, 0), { code: 'ESRCH' });
});

test('a command gives its output, and a failing or endless one is an error', async () => {
  assert.equal(await runCommand(script("console.log('done')"), 10_000), 'done\n');
  await assert.rejects(
    runCommand(script("console.log('why'); process.exit(4)"), 10_000),
    /probe failed \(4\):\nwhy/,
  );
  await assert.rejects(runCommand(script('setInterval(() => {}, 1e6)'), 50), /took over 0.05 s/);
});
