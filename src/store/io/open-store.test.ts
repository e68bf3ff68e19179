import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { tryStore } from '../fixtures/try-store.ts';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const URI = 's3://bucket/digits';
const wanted = { uri: URI, base: '/' };

test('what a URI leads to is fetched, verified and held, and the next time nothing is fetched', async t => {
  const { store, source } = await tryStore(t);
  const weights = randomBytes(3_000_000);
  source.put('model.onnx', 'a model').put('weights/model.bin', weights).put('empty.txt', '');
  const held = await store.hold(wanted);
  assert.equal(await readFile(join(held.root, 'model.onnx'), 'utf8'), 'a model');
  assert.deepEqual(await readFile(join(held.root, 'weights/model.bin')), weights);
  assert.equal((await stat(join(held.root, 'model.onnx'))).mode & 0o777, 0o444);
  assert.equal(held.fetched, 3_000_007);
  assert.equal(held.spoken, 'bucket/digits');
  assert.match(held.digest ?? '', /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(
    held.manifest?.files.map(({ path, size }) => [path, size]),
    [
      ['empty.txt', 0],
      ['model.onnx', 7],
      ['weights/model.bin', 3_000_000],
    ],
  );
  const again = await store.hold(wanted);
  assert.equal(again.fetched, 0);
  assert.equal(again.root, held.root);
  assert.equal(again.digest, held.digest);
  assert.equal(source.served, 3_000_007);
  held.release();
  again.release();
  assert.equal(source.opened, source.closed);
});

test('a file that is named is the root, and its digest that of its bytes', async t => {
  const { store, source, path } = await tryStore(t);
  source.put('digits.onnx', 'a model').named = 'digits.onnx';
  const held = await store.hold({ uri: `${URI}.onnx`, base: '/' });
  assert.equal(held.digest, `sha256:${sha256('a model')}`);
  assert.equal(await readFile(held.root, 'utf8'), 'a model');
  assert.equal(held.spoken, 'bucket/digits.onnx');
  held.release();
  assert.deepEqual(await readdir(join(path, 'v1/blobs')), [sha256('a model')]);
  assert.deepEqual(await readdir(join(path, 'v1/partial')), []);
});
