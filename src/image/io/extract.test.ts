import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { layerOf, type Made } from '../fixtures/layers-to-read.ts';
import { extractFile } from './extract.ts';

const { signal } = new AbortController();
const body = 'node'.repeat(5000);
const made: readonly Made[] = [
  ['usr/local/bin/', { type: 'directory' }],
  ['usr/local/bin/node', body],
  ['usr/local/bin/nodejs', { type: 'symlink', linkname: 'node' }],
  ['usr/bin/node', { type: 'link', linkname: 'usr/local/bin/node' }],
  ['self', { type: 'link', linkname: 'self' }],
  ['twice', 'first'],
  ['twice', 'second'],
];

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-extract-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

for (const [path, text] of [
  ['usr/local/bin/node', body],
  ['usr/bin/node', body],
  ['twice', 'second'],
] as const)
  test(`a file is taken out of a layer, and nothing beside it: ${path}`, async t => {
    const folder = await folderOf(t);
    assert.equal(await extractFile(await layerOf(made), path, join(folder, 'new', 'node'), signal), true);
    assert.equal(await readFile(join(folder, 'new', 'node'), 'utf8'), text);
    assert.deepEqual(await readdir(join(folder, 'new')), ['node']);
  });

for (const path of ['usr/local/bin', 'usr/local/bin/nodejs', 'self', 'missing'])
  test(`what is no file of a layer is not taken out: ${path}`, async t => {
    const folder = await folderOf(t);
    assert.equal(await extractFile(await layerOf(made), path, join(folder, 'node'), signal), false);
    assert.deepEqual(await readdir(folder), []);
  });

test('a file of a layer that is not what its image says is not left', async t => {
  const folder = await folderOf(t);
  const layer = { ...(await layerOf(made)), diffId: `sha256:${'0'.repeat(64)}` };
  await assert.rejects(extractFile(layer, 'twice', join(folder, 'a'), signal), { code: 'image_invalid' });
  assert.deepEqual(await readdir(folder), []);
});

test('a layer that ends within the file is told of as it is', async t => {
  const folder = await folderOf(t);
  const whole = await layerOf(made, '');
  const cut = {
    ...whole,
    async *open() {
      let count = 0;
      for await (const chunk of whole.open(signal)) if (count++ < 5) yield chunk;
    },
  };
  await assert.rejects(extractFile(cut, 'usr/local/bin/node', join(folder, 'a'), signal), {
    code: 'archive_invalid',
    message: /is cut off in this file/,
  });
  assert.deepEqual(await readdir(folder), []);
});

test('a place that cannot be written is told of, and a signal ends it', async t => {
  const folder = await folderOf(t);
  await writeFile(join(folder, 'file'), '');
  const to = join(folder, 'file', 'a');
  await assert.rejects(extractFile(await layerOf(made), 'twice', to, signal), { code: 'image_unwritable' });
  const stopped = AbortSignal.abort(new Error('enough'));
  await assert.rejects(extractFile(await layerOf(made), 'twice', join(folder, 'b'), stopped), /enough/);
  assert.deepEqual(await readdir(folder), ['file']);
});
