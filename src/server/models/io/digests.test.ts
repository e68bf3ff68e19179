import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { FileStamp } from '../../runtimes/io/file-stamp.ts';
import { Digests } from './digests.ts';

function folder(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-digests-'));
  t.after(() => rmSync(root, { recursive: true }));
  return root;
}

function planted(t: TestContext, bytes = 'model'): string {
  const path = join(folder(t), 'model.onnx');
  writeFileSync(path, bytes);
  return path;
}

const sha256 = (bytes: string): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

test('the digest is of what lies there when it is loaded, and is read anew only once that is another', async t => {
  const path = planted(t);
  const digests = new Digests();
  const first = await digests.before({ path });
  assert.equal(first?.digest, sha256('model'));
  assert.equal(await digests.before({ path }), first);
  writeFileSync(path, 'other');
  assert.equal((await digests.after({ path }, first))?.digest, sha256('other'));
});

test('a file that was replaced while it was loaded is told by what lies there then', async t => {
  const path = planted(t);
  const digests = new Digests();
  const before = await digests.before({ path });
  assert.equal(await digests.after({ path }, before), before);
  writeFileSync(path, 'longer than before');
  assert.equal((await digests.after({ path }, before))?.digest, sha256('longer than before'));
});

for (const when of ['before', 'while'] as const)
  test(`a pinned model whose file is replaced ${when} it is loaded is refused`, async t => {
    const path = planted(t);
    const read = { digest: sha256('model'), stamp: new FileStamp([path]), isPinned: true };
    const digests = new Digests();
    const before = when === 'while' ? await digests.before({ path, read }) : read;
    // The same size: only the time tells.
    writeFileSync(path, 'LEDOM');
    utimesSync(path, 1, 1);
    const loading = when === 'while' ? digests.after({ path, read }, before) : digests.before({ path, read });
    await assert.rejects(loading, { code: 'model_changed', message: new RegExp(path) });
  });

test('of a numbered version it is that of all of its folder, as where that is named', async t => {
  const root = join(folder(t), '3');
  mkdirSync(root);
  const path = join(root, 'model.onnx');
  writeFileSync(path, 'model');
  assert.equal((await new Digests().before({ path }))?.digest, sha256('model'));
  writeFileSync(join(root, 'labels.txt'), 'a');
  assert.notEqual((await new Digests().before({ path }))?.digest, sha256('model'));
});

test('what cannot be read has none, and is refused by whoever loads it', async t => {
  assert.equal(await new Digests().before({ path: join(folder(t), 'model.onnx') }), undefined);
});
