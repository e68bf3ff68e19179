import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemResolve } from './resolve.ts';

for (const address of ['127.0.0.2', '::1'])
  test(`${address} stands for itself`, async () => assert.deepEqual(await systemResolve(address), [address]));

test('a name has the addresses of one family', async () => {
  const found = await systemResolve('localhost');
  assert.notEqual(found.length, 0);
  assert.equal(new Set(found.map(address => address.includes(':'))).size, 1);
});
