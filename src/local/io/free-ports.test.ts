import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import test from 'node:test';
import { FreePorts } from './free-ports.ts';

test('ports that are lent at the same time are all different, and free', async () => {
  const ports = new FreePorts('127.0.0.1');
  const lent = (await Promise.all(Array.from({ length: 50 }, () => ports.take(3)))).flat();
  assert.equal(new Set(lent).size, 150);
  assert.ok(await ports.areFree(lent));
});

test('a port on which somebody listens is not free, until nobody does', async () => {
  const ports = new FreePorts('127.0.0.1');
  const [port = 0, other = 0] = await ports.take(2);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  assert.equal(await ports.areFree([other, port]), false);
  await once(server.close(), 'close');
  assert.equal(await ports.areFree([other, port]), true);
});

test('an address that is elsewhere has no ports to lend', async () => {
  await assert.rejects(new FreePorts('192.0.2.1').take(1), { code: 'listen_failed' });
});
