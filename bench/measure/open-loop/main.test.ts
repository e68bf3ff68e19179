import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../children.ts';
import { type LoadPlan, type LoadReport, resultSchema } from './plan.ts';

interface Seen {
  readonly line: string;
  readonly deadline: unknown;
  readonly body: string;
}

/** Loads a server that answers rightly, and gives the report and what the server saw. */
async function loaded(t: TestContext, load: LoadPlan['load']): Promise<[LoadReport, Seen[]]> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const answer = (body: string): unknown => {
      seen.push({ line: `${method} ${url}`, deadline: headers['x-deadline-ms'], body });
      return response.end('right');
    };
    void text(request).then(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-load-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const body = join(folder, 'body');
  writeFileSync(body, '{"x":"é"}');
  const { port } = server.address() as AddressInfo;
  const plan: LoadPlan = {
    url: `http://127.0.0.1:${port}/predict?a=b`,
    headers: { 'x-deadline-ms': '70' },
    body,
    sign: 'right',
    deadlineMs: 20_000,
    patienceMs: 20_000,
    connections: 8,
    load,
  };
  const program = join(import.meta.dirname, 'main.ts');
  const argv = [process.execPath, '--conditions=source', program, JSON.stringify(plan)] as const;
  return [resultSchema.parse(JSON.parse(await runCommand({ name: 'generator', argv }, 60_000))), seen];
}

test('the process sends what it is told when it is told, and tells of each phase', async t => {
  const phases = [20, 80, 20].map(rate => ({ rate, seconds: 0.25 }));
  const [report, seen] = await loaded(t, { kind: 'open', phases, pattern: 'even', seed: 1, recovery: true });
  assert.deepEqual(
    report.phases.map(({ requests, inTime }) => [requests, inTime]),
    [
      [5, 5],
      [20, 20],
      [5, 5],
    ],
  );
  assert.equal(seen.length, 30);
  assert.deepEqual(seen[0], { line: 'POST /predict?a=b', deadline: '70', body: '{"x":"é"}' });
});

test('clients that wait count until the last answer', async t => {
  const [report, seen] = await loaded(t, { kind: 'closed', clients: 2, seconds: 0.2 });
  const [phase] = report.phases;
  assert.equal(phase?.inTime, seen.length);
  assert.ok((phase?.seconds ?? 0) >= 0.2 && seen.length > 2);
  assert.equal(report.recoveredMs, null);
});
