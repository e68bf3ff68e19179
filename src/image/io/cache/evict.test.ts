import assert from 'node:assert/strict';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { folder } from '../../fixtures/scratch.ts';
import { once } from '../writing.ts';
import { BlobCache } from './blob-cache.ts';
import { evict } from './evict.ts';
import { noteDown, noted } from './layer-index.ts';

/** A cache as a later build finds it, with these blobs, used at these times. */
async function cacheWith(t: TestContext, blobs: readonly (readonly [string, number])[]): Promise<BlobCache> {
  const path = await folder(t);
  const earlier = await BlobCache.open(path);
  for (const [text, usedAt] of blobs) {
    const written = await earlier.put(once(Buffer.from(text)));
    await noteDown(earlier, `${text}.gzip`, written);
    await utimes(earlier.path(written.digest), usedAt, usedAt);
  }
  return BlobCache.open(path);
}

test('what was used least lately goes, and what was noted of it', async t => {
  const cache = await cacheWith(t, [
    ['new', 3000],
    ['old', 1000],
    ['mid', 2000],
  ]);
  await evict(cache, 6);
  assert.deepEqual((await readdir(cache.layers)).toSorted(), ['mid.gzip', 'new.gzip']);
  assert.equal((await readdir(cache.blobs)).length, 2);
});

test('who asks for a blob uses it, so that it stays', async t => {
  const cache = await cacheWith(t, [
    ['new', 3000],
    ['old', 1000],
  ]);
  assert.ok(await noted(cache, 'old.gzip'));
  await evict(cache, 3);
  assert.deepEqual(await readdir(cache.layers), ['old.gzip']);
  // Another build, later: it was used last.
  await evict(await BlobCache.open(cache.folder), 3);
  assert.deepEqual(await readdir(cache.layers), ['old.gzip']);
});

test('what nobody has gone on with for a week is dropped, and nothing younger', async t => {
  const cache = await cacheWith(t, []);
  for (const name of ['old', 'new']) await writeFile(join(cache.partials, name), 'x');
  await utimes(join(cache.partials, 'old'), 1000, 1000);
  await evict(cache, 100);
  assert.deepEqual(await readdir(cache.partials), ['new']);
});

for (const text of ['', 'null', '{"digest":"../../etc/passwd","size":1}', '{"digest":'])
  test(`a note that says ${JSON.stringify(text)} is none`, async t => {
    const cache = await cacheWith(t, [['a', 1]]);
    await writeFile(join(cache.layers, 'a.gzip'), text);
    assert.equal(await noted(cache, 'a.gzip'), undefined);
  });
