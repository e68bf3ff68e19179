import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { folder } from '../../fixtures/try-store.ts';
import { lockExclusive, lockShared, touch, tryLock } from './locks.ts';

const waiting = { random: { next: () => 0 }, signal: new AbortController().signal };

test('many share a lock, one has it alone, and who lets go twice lets go once', async t => {
  const path = join(await folder(t), 'lock');
  const alone = await lockExclusive(path, waiting);
  assert.equal(tryLock(path, 'shared'), 'busy');
  assert.equal(tryLock(path, 'exclusive'), 'busy');
  alone.release();
  alone.release();
  const shared = [await lockShared(path, waiting), await lockShared(path, waiting)];
  assert.equal(tryLock(path, 'exclusive'), 'busy');
  for (const one of shared) one?.release();
  const again = tryLock(path, 'exclusive');
  assert.ok(again !== undefined && again !== 'busy');
  again.release();
});

test('who waits is told so once, gets it, and may give up with its own reason', async t => {
  const path = join(await folder(t), 'lock');
  const alone = await lockExclusive(path, waiting);
  const reason = new Error('enough');
  const giving = new AbortController();
  let told = 0;
  const waits = lockExclusive(path, { ...waiting, onWait: () => told++ });
  const givesUp = lockShared(path, { ...waiting, signal: giving.signal, onWait: () => giving.abort(reason) });
  await assert.rejects(givesUp, reason);
  alone.release();
  (await waits).release();
  assert.equal(told, 1);
});

test('a lock of what was removed is none', async t => {
  const path = join(await folder(t), 'lock');
  assert.equal(tryLock(path, 'shared'), undefined);
  const alone = await lockExclusive(path, waiting);
  await rm(path);
  touch(path);
  const other = tryLock(path, 'exclusive');
  assert.ok(other !== undefined && other !== 'busy', 'the lock of the removed file still counts');
  other.release();
  alone.release();
});

test('a killed process lets go of its locks, and the module that makes them warns nobody', async t => {
  const path = join(await folder(t), 'lock');
  const locks = fileURLToPath(new URL('./locks.ts', import.meta.url));
  const program = `const { touch, tryLock } = await import(${JSON.stringify(locks)});
    touch(${JSON.stringify(path)}); globalThis.kept = tryLock(${JSON.stringify(path)}, 'exclusive');
    console.log('locked'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', program]);
  let stderr = '';
  child.stderr.on('data', chunk => (stderr += String(chunk)));
  await once(child.stdout, 'data');
  assert.equal(tryLock(path, 'exclusive'), 'busy');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(await readdir(dirname(path)), ['lock'], 'a killed process left something behind');
  const had = tryLock(path, 'exclusive');
  assert.ok(had !== undefined && had !== 'busy');
  had.release();
  assert.equal(stderr, '');
  assert.equal((await readFile(path)).length, 0);
});
