import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { once } from '../fixtures/asking.ts';
import { tryStore } from '../fixtures/try-store.ts';

const DESCRIPTORS = '/proc/self/fd';
const skip = existsSync(DESCRIPTORS) ? false : 'only Linux tells which files are open';

test('of a thousand files that are here few are open at once', { skip }, async t => {
  const { store, source } = await tryStore(t);
  for (let at = 0; at < 1000; at++) source.put(`weights/${at}.bin`, `part ${at}`);
  await once(store);
  source.put('another.bin', 'new');
  const before = readdirSync(DESCRIPTORS).length;
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, readdirSync(DESCRIPTORS).length)), 1);
  t.after(() => clearInterval(watch));
  const { fetched } = await once(store);
  assert.equal(fetched, 3);
  assert.ok(most - before < 100, `${most - before} more were open`);
});
