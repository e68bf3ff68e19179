import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { entryText, readEntry } from '../cache/entry.ts';
import { flip, MEGABYTES, once, refusal, sha256, unpackLines, wanted } from '../fixtures/asking.ts';
import { folder, storeOver, tryStore } from '../fixtures/try-store.ts';
import type { Held, Progress } from '../store.ts';

test('what two models share lies there once', async t => {
  const { store, source } = await tryStore(t);
  source.put('model.onnx', 'one').put('weights.bin', randomBytes(1000));
  const first = await once(store);
  source.put('model.onnx', 'other');
  const second = await once(store, { uri: 's3://bucket/copy' });
  const inode = async ({ root }: Held): Promise<number> => (await stat(join(root, 'weights.bin'))).ino;
  assert.equal(await inode(first), await inode(second));
  assert.notEqual(first.root, second.root);
});

test('one flipped bit in the cache is refused with file and digests, and mended by who may', async t => {
  const { store, source } = await tryStore(t);
  source.put('model.onnx', 'a model').put('deep/weights.bin', 'weights');
  const { root, digest } = await once(store);
  await flip(join(root, 'deep/weights.bin'), 3);
  const found = `sha256:${sha256(await readFile(join(root, 'deep/weights.bin')))}`;
  const expected = `sha256:${sha256('weights')}`;
  for (const more of [{}, { digest }]) {
    const error = await refusal(once(store, more), 'digest_mismatch');
    assert.deepEqual(error.facts, { path: wanted.uri, file: 'deep/weights.bin', expected, found });
  }
  await refusal(once(store, { uri: root }), 'digest_mismatch', /deep\/weights\.bin/);
  assert.deepEqual(await store.verify(), [{ digest, file: 'deep/weights.bin', expected, found }]);
  const mended = await once(store, { digest }, true);
  assert.equal(mended.fetched, 'weights'.length);
  assert.equal(mended.digest, digest);
  assert.deepEqual(await store.verify(), []);
});

test('a manifest that was changed is no artifact, and pulled anew', async t => {
  const { store, source } = await tryStore(t);
  source.put('model.onnx', 'a model');
  const { root, digest } = await once(store);
  const manifest = join(root, '../manifest.json');
  await chmod(manifest, 0o644);
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(sha256('a model'), sha256('another')));
  assert.deepEqual(await store.verify(), [{ digest }]);
  const held = await once(store);
  assert.equal(await readFile(join(held.root, 'model.onnx'), 'utf8'), 'a model');
  assert.deepEqual(await store.verify(), []);
});

test('a bit flipped in what the cache notes of a model leads to no other file', async t => {
  const { store, source, path } = await tryStore(t);
  source.put('m.onnx', 'a model').named = 'm.onnx';
  const { root, digest } = await once(store, { uri: 's3://bucket/m.onnx' });
  const [trail = ''] = await readdir(join(path, 'v1/uris'));
  for (const note of [join(root, '../../manifest.json'), join(path, 'v1/uris', trail)]) {
    await flip(note, (await readFile(note)).indexOf('m.onnx"') + 2);
    const held = await once(store, { uri: 's3://bucket/m.onnx', digest });
    assert.equal(await readFile(held.root, 'utf8'), 'a model');
  }
  await flip(
    join(path, 'v1/uris', trail),
    (await readFile(join(path, 'v1/uris', trail))).indexOf('"named"') + 1,
  );
  const held = await once(store, { uri: 's3://bucket/m.onnx', digest });
  assert.equal(await readFile(held.root, 'utf8'), 'a model');
});

test('a model that has not changed is held without a byte being written', async t => {
  const { store, source, path } = await tryStore(t);
  source.put('model.onnx', 'a model').put('model.onnx.sig', 'signature').revision = 'one';
  await once(store);
  const uris = join(path, 'v1/uris');
  const [name = ''] = await readdir(uris);
  const before = await stat(join(uris, name));
  await once(store);
  assert.equal((await stat(join(uris, name))).ino, before.ino);
  source.revision = 'other';
  assert.equal((await once(store)).revision, 'other');
  assert.notEqual((await stat(join(uris, name))).ino, before.ino);
});

const broken: readonly { name: string; spoil: (path: string) => Promise<void> }[] = [
  { name: 'removed', spoil: path => rm(path) },
  { name: 'overwritten', spoil: path => chmod(path, 0o644).then(() => writeFile(path, 'x'.repeat(5000))) },
  { name: 'a folder', spoil: path => rm(path).then(() => mkdir(path)) },
];

for (const { name, spoil } of broken) {
  for (const file of ['lease', 'manifest.json', 'files/model.onnx'] as const) {
    test(`where ${file} of a model was ${name}, who may mend it does, and others are not kept from theirs`, async t => {
      const { store, source } = await tryStore(t);
      source.put('other.onnx', 'another');
      const other = await once(store, { uri: 's3://bucket/other' });
      source.files.clear();
      source.put('model.onnx', 'a model');
      const { root, digest } = await once(store);
      if (file.startsWith('files')) await chmod(root, 0o755);
      await spoil(join(root, '..', file));
      assert.equal((await once(store, { uri: other.root })).digest, other.digest);
      for (const more of [{ digest }, {}]) {
        const held = await once(store, more, true);
        assert.equal(await readFile(join(held.root, 'model.onnx'), 'utf8'), 'a model');
      }
      assert.deepEqual(await store.verify(), []);
    });
  }
}

test('several that ask for one model at once fetch it once', async t => {
  const { source, path } = await tryStore(t);
  source.put('model.onnx', randomBytes(MEGABYTES), { token: undefined });
  const stores = Array.from({ length: 5 }, () => storeOver(path, source));
  const phases: string[] = [];
  const onProgress = ({ phase }: Progress): void => void phases.push(phase);
  const held = await Promise.all(stores.map(store => store.hold(wanted, { onProgress })));
  assert.equal(source.served, MEGABYTES);
  assert.ok(phases.includes('waiting'));
  assert.equal(held.filter(({ fetched }) => fetched > 0).length, 1);
  for (const one of held) one.release();
});

test('a quota lets the least lately used go, and nothing that is in use', async t => {
  const { source, path } = await tryStore(t);
  let day = 0;
  const clock = { now: () => 0, date: () => new Date(++day * 86_400_000) };
  const store = storeOver(path, source, { quotaBytes: 2500 }, { clock });
  const pull = (name: string): Promise<Held> => {
    source.files.clear();
    source.put('model.onnx', Buffer.alloc(1000, name));
    return store.hold({ ...wanted, uri: `s3://bucket/${name}` });
  };
  const used = await pull('a');
  (await pull('b')).release();
  (await pull('c')).release();
  const there = async (): Promise<string[]> => (await store.list()).flatMap(({ uris }) => uris);
  assert.deepEqual(await there(), ['s3://bucket/c', 's3://bucket/a']);
  const other = await pull('d');
  assert.deepEqual(await there(), ['s3://bucket/d', 's3://bucket/a']);
  await refusal(pull('e'), 'cache_full', /quota of 2500/);
  assert.deepEqual(
    (await store.list()).map(({ inUse }) => inUse),
    [true, true],
  );
  used.release();
  (await pull('e')).release();
  other.release();
  assert.deepEqual(await there(), ['s3://bucket/e', 's3://bucket/d']);
});

test('what can have no room lets nothing go', async t => {
  const { store, source } = await tryStore(t, { quotaBytes: 2500 });
  const pull = (name: string, size: number, told?: null): Promise<Held> => {
    source.files.clear();
    source.put('model.onnx', Buffer.alloc(size, name), told === null ? { size: null } : {});
    return store.hold({ ...wanted, uri: `s3://bucket/${name}` });
  };
  const used = await pull('a', 1000);
  (await pull('b', 1000)).release();
  for (const told of [undefined, null] as const) {
    await refusal(pull('c', 2501, told), 'cache_full', /quota of 2500/);
    await refusal(pull('d', 1501, told), 'cache_full', /quota of 2500; what is in use takes 1000/);
    assert.equal((await store.list()).length, 2);
  }
  used.release();
});

test('what is shared with an older model counts for the quota too', async t => {
  const { store, source } = await tryStore(t, { quotaBytes: 50 });
  source.put('weights.bin', Buffer.alloc(40, 'w')).put('model.onnx', 'small');
  await once(store);
  source.put('model.onnx', Buffer.alloc(20, 'x'));
  await refusal(once(store), 'cache_full', /quota of 50/);
  source.put('model.onnx', 'other');
  assert.equal((await once(store)).fetched, 5);
});

test('a source that does not end fills no more than the quota, and leaves nothing behind', async t => {
  const { store, source, path } = await tryStore(t, { quotaBytes: MEGABYTES });
  source.put('model.onnx', 'a model', { size: null });
  source.fault = function* () {
    for (let bytes = 0; bytes < 10 * MEGABYTES; bytes += 2 ** 16) yield Buffer.alloc(2 ** 16);
  };
  await refusal(once(store), 'cache_full', /model\.onnx has more bytes than its quota of/);
  assert.ok(source.served < MEGABYTES + 2 ** 17, `${source.served} bytes came`);
  const left = await readdir(join(path, 'v1/partial'), { recursive: true, withFileTypes: true });
  const files = left.filter(one => one.isFile() && !one.name.endsWith('.journal'));
  const sizes = files.map(one => stat(join(one.parentPath, one.name)));
  assert.equal(
    (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0),
    0,
  );
});

test('a quota holds for what nobody told the size of, and for what comes out of archives', async t => {
  const { store, source } = await tryStore(t, { quotaBytes: 100 }, { unpack: unpackLines });
  source.put('model.onnx', Buffer.alloc(101), { size: null });
  await refusal(once(store), 'cache_full', /model\.onnx has more bytes than its quota of 100/);
  source.files.clear();
  for (const text of [`a.onnx=${'x'.repeat(90)}`, `b.onnx=${'y'.repeat(11)}`])
    source.put(text.slice(0, 1), text, { unpack: { format: 'tar' }, size: null });
  await refusal(once(store, { uri: 's3://bucket/m.tar' }), 'cache_full', /101 bytes more/);
  assert.deepEqual(await store.list(), []);
});

test('pruning removes what nobody uses, down to the last file', async t => {
  const { store, source, path } = await tryStore(t);
  source.put('model.onnx', 'a model').put('deep/er/weights.bin', 'weights');
  const held = await store.hold(wanted);
  assert.deepEqual(await store.prune(0), []);
  held.release();
  assert.deepEqual(
    (await store.prune(0)).map(({ digest }) => digest),
    [held.digest],
  );
  for (const name of ['blobs', 'models', 'uris', 'partial'])
    assert.deepEqual(await readdir(join(path, 'v1', name)), []);
  assert.equal((await once(store)).fetched, 14);
});

test('a cache that may only be read gives what is pinned, and says that it cannot be written', {
  skip: process.getuid?.() === 0 ? 'the superuser may write everything' : false,
}, async t => {
  const { store, source, path } = await tryStore(t);
  source.put('model.onnx', 'a model');
  const { digest } = await once(store);
  for (const name of await readdir(join(path, 'v1'))) await chmod(join(path, 'v1', name), 0o555);
  await chmod(join(path, 'v1'), 0o555);
  assert.equal((await once(store, { digest })).fetched, 0);
  await refusal(once(store, { uri: 's3://bucket/other' }), 'cache_unusable');
});

test('a cache that cannot be made is said to be unusable', async t => {
  const path = await folder(t);
  await writeFile(join(path, 'file'), '');
  const { source } = await tryStore(t);
  source.put('model.onnx', 'a model');
  await refusal(
    once(storeOver(join(path, 'file/cache'), source)),
    'cache_unusable',
    /FAIRLEAD_CACHE|cannot be used/,
  );
});

test('a path in the cache, as a supervisor tells it, is known again: its digest, and that it is in use', async t => {
  const { store, source } = await tryStore(t);
  source.put('3/model.onnx', 'three');
  const { root, digest } = await once(store);
  for (const path of [root, join(root, '3')]) {
    const held = await store.hold({ uri: path, base: '/', digest });
    assert.deepEqual([held.digest, held.root, held.spoken], [digest, path, 'bucket/digits/3']);
    assert.equal((await store.list())[0]?.inUse, true);
    held.release();
    assert.equal((await store.list())[0]?.inUse, false);
  }
});

test('what a power cut kept from the disk is fetched anew, and what was on the disk is not', async t => {
  const { store, source } = await tryStore(t);
  source.put('model.onnx', 'a model');
  const { root, digest } = await once(store);
  const path = join(root, '../manifest.json');
  const entry = readEntry(await readFile(path, 'utf8'));
  assert.ok(entry?.boot !== undefined, 'this machine does not tell when it was started');
  await chmod(path, 0o644);
  await writeFile(path, entryText({ ...entry, boot: 'another' }));
  await flip(join(root, 'model.onnx'));
  const held = await once(store, { digest });
  assert.equal(held.fetched, 7);
  assert.equal(await readFile(join(held.root, 'model.onnx'), 'utf8'), 'a model');
  await chmod(path, 0o644);
  await writeFile(path, entryText({ ...entry, boot: 'another' }));
  await writeFile(join(root, '../synced'), '');
  await flip(join(root, 'model.onnx'));
  await refusal(once(store, { digest }), 'digest_mismatch');
});

test('users who may not remove what is of others share a cache', {
  skip: process.getuid?.() === 0 ? false : 'only the superuser can be several users',
}, async t => {
  const { store, source, path } = await tryStore(t);
  await chmod(path, 0o1777);
  source.put('model.onnx', 'a model');
  const own = { uri: 's3://bucket/own' };
  await once(store, own);
  const stop = new AbortController();
  source.fault = () => stop.abort(new Error('enough')) ?? [];
  await assert.rejects(store.hold(wanted, { signal: stop.signal }));
  source.fault = chunks => chunks;
  process.seteuid?.(65_534);
  try {
    source.put('model.onnx', 'another');
    assert.equal((await once(store, own)).fetched, 7);
    assert.equal((await store.prune(0)).length, 1);
  } finally {
    process.seteuid?.(0);
  }
});

test('what cannot be gone on with is begun anew', async t => {
  const { store, source, path } = await tryStore(t, { attempts: 1 });
  source.put('model.onnx', randomBytes(MEGABYTES)).fault = chunks => chunks.slice(0, 9);
  await refusal(once(store), 'source_unavailable');
  source.fault = chunks => chunks;
  const [ground = ''] = await readdir(join(path, 'v1/partial'));
  for (const name of await readdir(join(path, 'v1/partial', ground))) {
    await rm(join(path, 'v1/partial', ground, name));
    await mkdir(join(path, 'v1/partial', ground, name));
  }
  assert.equal((await once(store)).fetched, MEGABYTES);
});

test('what another user began is begun anew by who may not write it', {
  skip: process.getuid?.() === 0 ? false : 'only the superuser can be several users',
}, async t => {
  const { store, source, path } = await tryStore(t, { attempts: 1 });
  await chmod(path, 0o777);
  source.put('model.onnx', randomBytes(MEGABYTES)).fault = chunks => chunks.slice(0, 9);
  await refusal(once(store), 'source_unavailable');
  source.fault = chunks => chunks;
  process.seteuid?.(65_534);
  try {
    assert.equal((await once(store)).fetched, MEGABYTES);
  } finally {
    process.seteuid?.(0);
  }
});
