import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import test from 'node:test';
import { HttpClient } from './client.ts';

test('where all connections that waited were ended, a new one is asked', async t => {
  const used = new Set<Socket>();
  let waiting: (() => void)[] = [];
  // Each connection answers once, three of them together, and is ended when it is used again.
  const server = createServer((request, response) => {
    if (used.has(request.socket)) {
      request.socket.destroy();
      return;
    }
    used.add(request.socket);
    waiting.push(() => response.end('here'));
    if (waiting.length < 3 && used.size <= 3) return;
    for (const answer of waiting) answer();
    waiting = [];
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const client = new HttpClient(url, { patienceMs: 10_000, connections: 3, environment: {} });
  t.after(() => client.close());
  const ask = async (): Promise<string> => {
    const { body } = await client.ask({ url, signal: AbortSignal.timeout(20_000) });
    return (await body.text(100)).text;
  };
  assert.deepEqual(await Promise.all([ask(), ask(), ask()]), ['here', 'here', 'here']);
  assert.equal(await ask(), 'here');
  assert.equal(used.size, 4);
});
