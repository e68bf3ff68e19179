import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { besides, wheelCache } from './place.ts';

const random = { next: () => 0 };

test('what a build left that was killed is taken away after a day, and what another works on is not', async t => {
  const cache = await mkdtemp(join(tmpdir(), 'fairlead-wheels-'));
  t.after(() => rm(cache, { recursive: true, force: true }));
  const { unpacked } = await wheelCache(cache);
  const [old, young] = [besides(join(unpacked, 'a'), random), besides(join(unpacked, 'b'), random)];
  for (const path of [old, young, join(unpacked, 'whole')]) {
    await mkdir(path);
    await writeFile(join(path, 'x'), '');
  }
  for (const path of [old, join(unpacked, 'whole')]) await utimes(path, 0, 0);
  await wheelCache(cache);
  assert.deepEqual((await readdir(unpacked)).map(name => join(unpacked, name)).toSorted(), [
    young,
    join(unpacked, 'whole'),
  ]);
});

test('no two names are the same, whatever chance says', () => {
  assert.notEqual(besides('/a', random), besides('/a', random));
});
