import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { startLoopback, startPull } from '../../src/store/fixtures/loopback-processes.ts';
import { removeAll } from '../../src/store/io/cache/folders.ts';
import { killPulls } from './kills/kills.ts';

test('a pull that is killed at any moment leaves nothing wrong, and the next one goes on from there', async () => {
  const tally = await killPulls(10, Math.random);
  assert.deepEqual(tally.faults, []);
  assert.equal(tally.kills, 10);
  assert.ok(tally.inTheMiddle > 0, 'no kill came in the middle of a pull, so that nothing was shown');
  assert.ok(tally.reused > 0);
});

test('of ten processes that pull one model at once, one fetches it', async t => {
  const size = 16 * 2 ** 20;
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-ten-'));
  const loopback = await startLoopback({ 'model.onnx': 1000, 'weights.bin': size });
  t.after(async () => {
    await loopback.stop();
    await removeAll(folder);
  });
  const pulls = Array.from({ length: 10 }, () => startPull(folder, loopback, 's3://bucket/model'));
  const pulled = await Promise.all(pulls.map(({ ended }) => ended));
  assert.equal(new Set(pulled.map(one => one?.digest)).size, 1);
  assert.ok(pulled.every(one => one !== undefined));
  assert.equal(pulled.filter(one => one?.fetched === size + 1000).length, 1);
  assert.equal(pulled.filter(one => one?.fetched === 0).length, 9);
  assert.equal(await loopback.served(), size + 1000);
});
