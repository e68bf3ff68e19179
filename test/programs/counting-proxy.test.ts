import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { type CountingProxy, countingProxy } from './counting-proxy.ts';

const SIZE = 300_000;

async function proxied(t: TestContext): Promise<{ proxy: CountingProxy; url: string }> {
  const server = createServer((_, response) => response.end(Buffer.alloc(SIZE))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await countingProxy(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  t.after(async () => {
    await proxy.close();
    server.close();
  });
  return { proxy, url: `http://127.0.0.1:${proxy.port}` };
}

test('what the server sends passes, and is counted with its headers', async t => {
  const { proxy, url } = await proxied(t);
  assert.equal((await (await fetch(url)).arrayBuffer()).byteLength, SIZE);
  assert.ok(proxy.sent() > SIZE && proxy.sent() < SIZE + 1000, String(proxy.sent()));
  proxy.forget();
  assert.equal(proxy.sent(), 0);
});

test('a blocked proxy lets nobody through until it is passable again', async t => {
  const { proxy, url } = await proxied(t);
  proxy.block();
  await assert.rejects(fetch(url));
  assert.equal(proxy.sent(), 0);
  proxy.unblock();
  assert.ok((await fetch(url)).ok);
});
