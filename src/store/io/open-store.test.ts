import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { AppError, type ErrorCode, failure } from '#base';
import { entryText, readEntry } from '../cache/entry.ts';
import type { FaultySource } from '../fixtures/faulty-source.ts';
import { admitAll, folder, storeOver, tryStore } from '../fixtures/try-store.ts';
import { digestOf } from '../manifest.ts';
import type { Admissible, Held, Progress, Store, Wanted } from '../store.ts';

const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const wanted: Wanted = { uri: 's3://bucket/digits', base: '/' };
const MEGABYTES = 5 * 2 ** 20 + 123;

/** Holds and lets go. */
async function once(store: Store, more: Partial<Wanted> = {}, repair = false): Promise<Held> {
  const held = await store.hold({ ...wanted, ...more }, { repair });
  held.release();
  return held;
}

async function refusal(promise: Promise<unknown>, code: ErrorCode, message: RegExp = /./): Promise<AppError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, `it did not fail with ${code} but with ${String(error)}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  return error;
}

/** Flips one bit of a file that may not be written. */
async function flip(path: string, at = 0): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await chmod(path, 0o644);
  await writeFile(path, bytes);
}

test('what a URI leads to is fetched, verified and held, and the next time nothing is fetched', async t => {
  const { store, source } = await tryStore(t);
  const weights = randomBytes(MEGABYTES);
  source.put('model.onnx', 'a model').put('weights/model.bin', weights).put('empty.txt', '');
  source.put('.gitattributes', 'x').put('.git/HEAD', 'x').put('__pycache__/a.pyc', 'x');
  const held = await store.hold(wanted);
  assert.equal(await readFile(join(held.root, 'model.onnx'), 'utf8'), 'a model');
  assert.deepEqual(await readFile(join(held.root, 'weights/model.bin')), weights);
  assert.equal((await stat(join(held.root, 'model.onnx'))).mode & 0o777, 0o444);
  assert.equal(held.fetched, MEGABYTES + 7);
  assert.equal(held.spoken, 'bucket/digits');
  assert.deepEqual(held.manifest, {
    files: [
      { path: 'empty.txt', size: 0, sha256: sha256('') },
      { path: 'model.onnx', size: 7, sha256: sha256('a model') },
      { path: 'weights/model.bin', size: MEGABYTES, sha256: sha256(weights) },
    ],
  });
  assert.equal(held.digest, digestOf(held.manifest ?? { files: [] }));
  const again = await store.hold(wanted);
  assert.deepEqual([again.fetched, again.root, again.digest], [0, held.root, held.digest]);
  assert.equal(source.served, MEGABYTES + 7);
  held.release();
  again.release();
  assert.equal(source.opened, source.closed);
});

test('a file that is named is the root, and its digest that of its bytes', async t => {
  const { store, source, path } = await tryStore(t);
  source.put('digits.onnx', 'a model').named = 'digits.onnx';
  const held = await once(store, { uri: 's3://bucket/digits.onnx' });
  assert.equal(held.digest, `sha256:${sha256('a model')}`);
  assert.equal(await readFile(held.root, 'utf8'), 'a model');
  assert.equal(held.spoken, 'bucket/digits.onnx');
  assert.deepEqual(await readdir(join(path, 'v1/blobs')), [sha256('a model')]);
  assert.deepEqual(await readdir(join(path, 'v1/partial')), []);
});

test('a pinned model that is here needs no network, and another digest is refused', async t => {
  const { store, source } = await tryStore(t);
  source.put('model.onnx', 'a model').revision = 'abc';
  const { digest } = await once(store);
  const { opened } = source;
  const pinned = await once(store, { digest });
  assert.deepEqual([pinned.fetched, pinned.revision, source.opened], [0, 'abc', opened]);
  const other = `sha256:${'0'.repeat(64)}`;
  const error = await refusal(once(store, { digest: other }), 'digest_mismatch');
  assert.deepEqual(error.facts, {
    path: wanted.uri,
    file: 'model.onnx',
    expected: other,
    found: `sha256:${sha256('a model')}`,
  });
});

test('a cache without a network gives what it has, and says what it has not', async t => {
  const { store, source, path } = await tryStore(t);
  source.put('model.onnx', 'a model');
  await once(store);
  const offline = storeOver(path, source, { offline: true });
  const { opened } = source;
  assert.equal((await once(offline)).fetched, 0);
  await refusal(once(offline, { uri: 's3://bucket/other' }), 'source_missing', /FAIRLEAD_OFFLINE/);
  assert.equal(source.opened, opened);
});

test('only files that are new are fetched when a model changes, and none that another model has', async t => {
  const { store, source } = await tryStore(t);
  const weights = randomBytes(MEGABYTES);
  source.put('model.onnx', 'one').put('weights.bin', weights);
  await once(store);
  source.put('model.onnx', 'other');
  assert.equal((await once(store)).fetched, 5);
  const checksum = { algorithm: 'sha256', hex: sha256(weights) } as const;
  source.put('weights.bin', weights, { checksum }).put('model.onnx', 'third');
  assert.equal((await once(store, { uri: 's3://bucket/copy' })).fetched, 5);
});

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

const cuts: readonly { name: string; fault: FaultySource['fault']; reads: number }[] = [
  {
    name: 'a stream that breaks off is taken up where it did',
    fault: (chunks, { count }) => (count === 1 ? chunks.slice(0, 3) : chunks),
    reads: 4,
  },
  {
    name: 'a stream that fails is taken up where it did',
    fault: function* (chunks, { count }) {
      yield* count === 1 ? chunks.slice(0, 3) : chunks;
      if (count === 1) throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    },
    reads: 4,
  },
  {
    name: 'a source that is busy is asked again',
    fault: (chunks, { count }) => {
      if (count < 3)
        throw failure('source_unavailable', { uri: '', status: 503, problem: 'slow down', waitMs: 1 });
      return chunks;
    },
    reads: 5,
  },
];

for (const { name, fault, reads } of cuts) {
  test(name, async t => {
    const { store, source } = await tryStore(t, { connections: 1 });
    source.put('model.onnx', randomBytes(MEGABYTES)).fault = fault;
    const held = await once(store);
    assert.equal(await readFile(join(held.root, 'model.onnx')).then(sha256), held.manifest?.files[0]?.sha256);
    assert.equal(source.served, MEGABYTES, 'a byte came twice');
    assert.equal(source.reads.length, reads);
  });
}

test('a file of unknown size comes in one piece, anew where it broke off, and shorter than before', async t => {
  const { store, source } = await tryStore(t);
  const bytes = randomBytes(MEGABYTES);
  source.put('model.onnx', bytes, { size: null });
  source.fault = function* (chunks, { count }) {
    yield* count === 1 ? [...chunks, ...chunks].slice(0, 100) : chunks;
    if (count === 1) throw new Error('socket hang up');
  };
  const held = await once(store);
  assert.deepEqual(await readFile(join(held.root, 'model.onnx')), bytes);
  assert.deepEqual(
    source.reads.map(({ range }) => range),
    [undefined, undefined],
  );
});

const final: readonly {
  name: string;
  fault: FaultySource['fault'];
  code: ErrorCode;
  message: RegExp;
  reads: number;
}[] = [
  {
    name: 'a source that sends nothing is asked five times',
    fault: () => [],
    code: 'source_unavailable',
    message: /model\.onnx ended before all of it had come/,
    reads: 5,
  },
  {
    name: 'a source that sends more than was asked for is asked no more',
    fault: chunks => [...chunks, Buffer.alloc(1)],
    code: 'source_invalid',
    message: /more bytes of model\.onnx came/,
    reads: 1,
  },
  {
    name: 'a source that refuses is asked no more',
    fault: () => {
      throw failure('source_refused', { uri: 'u', status: 403, problem: 'no', remedy: 'ask' });
    },
    code: 'source_refused',
    message: /status 403/,
    reads: 1,
  },
];

for (const { name, fault, code, message, reads } of final) {
  test(`${name}, and what had come is kept for the next pull`, async t => {
    const { store, source } = await tryStore(t, { connections: 1 }, {});
    const bytes = randomBytes(MEGABYTES);
    source.put('model.onnx', bytes);
    source.fault = (chunks, read) => (read.count <= 2 ? chunks : fault(chunks, read));
    await refusal(once(store), code, message);
    assert.equal(source.reads.length, 2 + reads);
    const { served } = source;
    source.fault = chunks => chunks;
    const held = await once(store);
    assert.deepEqual(await readFile(join(held.root, 'model.onnx')), bytes);
    assert.ok(source.served - served <= MEGABYTES - 4 * 2 ** 20, 'what had come was fetched again');
  });
}

test('a file that is replaced meanwhile is listed and fetched anew', async t => {
  const { store, source } = await tryStore(t, { connections: 1 });
  const after = randomBytes(MEGABYTES);
  source.put('model.onnx', randomBytes(MEGABYTES));
  source.fault = (chunks, { count }) => {
    if (count === 2) source.put('model.onnx', after);
    return chunks;
  };
  const held = await once(store);
  assert.deepEqual(await readFile(join(held.root, 'model.onnx')), after);
  assert.equal(source.listings, 2);
});

test('a file that is replaced all the time is given up', async t => {
  const { store, source } = await tryStore(t, { connections: 1 });
  source.put('model.onnx', randomBytes(MEGABYTES));
  source.fault = chunks => {
    source.put('model.onnx', randomBytes(MEGABYTES));
    return chunks;
  };
  await refusal(once(store), 'source_changed', /model\.onnx was replaced/);
  assert.equal(source.listings, 3);
});

for (const algorithm of ['sha256', 'md5', 'git-sha1', 'crc32'] as const)
  test(`bytes that are not those of the ${algorithm} that their source tells are fetched once more, then refused`, async t => {
    const { store, source, path } = await tryStore(t);
    const expected = { sha256: 'a1', md5: 'b2', 'git-sha1': 'c3', crc32: 'd4' }[algorithm];
    source.put('model.onnx', 'a model', { checksum: { algorithm, hex: expected } });
    const error = await refusal(once(store), 'digest_mismatch', /model\.onnx has the digest/);
    assert.equal(error.facts['file'], 'model.onnx');
    assert.equal(error.facts['expected'], `${algorithm}:${expected}`);
    assert.equal(source.reads.length, 2);
    assert.deepEqual(await readdir(join(path, 'v1/models')), []);
  });

test('the checksums that sources tell are understood', async t => {
  const { store, source } = await tryStore(t);
  const hash = (name: string, text: string): string => createHash(name).update(text).digest('hex');
  source.put('a', 'a model', { checksum: { algorithm: 'md5', hex: hash('md5', 'a model') } });
  source.put('b', 'a model', { checksum: { algorithm: 'git-sha1', hex: hash('sha1', 'blob 7\0a model') } });
  source.put('c', '123456789', { checksum: { algorithm: 'crc32', hex: 'cbf43926' } });
  source.put('d', 'a model', { checksum: { algorithm: 'sha256', hex: sha256('a model') } });
  assert.equal((await once(store)).manifest?.files.length, 4);
  assert.equal(source.reads.length, 4);
});

test('one bit that was spoilt on the way is mended by fetching the file once more', async t => {
  const { store, source } = await tryStore(t);
  const bytes = randomBytes(MEGABYTES);
  source.put('model.onnx', bytes, { checksum: { algorithm: 'sha256', hex: sha256(bytes) } });
  source.fault = (chunks, { count }) => {
    if (count === 2) chunks[0]?.set([(chunks[0][0] ?? 0) ^ 1]);
    return chunks;
  };
  const held = await once(store);
  assert.deepEqual(await readFile(join(held.root, 'model.onnx')), bytes);
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

test('who gives up gets its own reason back, and who waits for it goes on', async t => {
  const { store, source } = await tryStore(t, { connections: 1 });
  source.put('model.onnx', randomBytes(MEGABYTES));
  const reason = new Error('the user went away');
  const giving = new AbortController();
  source.fault = (chunks, { count }) => {
    if (count === 2) giving.abort(reason);
    return chunks;
  };
  const first = store.hold(wanted, { signal: giving.signal });
  const second = once(store);
  await assert.rejects(first, reason);
  assert.equal((await second).manifest?.files[0]?.size, MEGABYTES);
  await assert.rejects(store.hold(wanted, { signal: AbortSignal.abort(reason) }), reason);
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

test('of numbered versions the highest is fetched, and its digest is that of the version alone', async t => {
  const { store, source } = await tryStore(t);
  source
    .put('1/model.onnx', 'one')
    .put('10/model.onnx', 'ten')
    .put('9/model.onnx', 'nine')
    .put('README.md', 'x');
  const held = await once(store);
  assert.deepEqual(await readdir(held.root), ['10']);
  assert.equal(held.digest, `sha256:${sha256('ten')}`);
  assert.equal(held.spoken, 'bucket/digits/10');
  assert.equal(held.fetched, 3);
  const { digest } = held;
  assert.equal((await once(store, { digest, versions: { specific: ['10'] } })).digest, digest);
  await refusal(once(store, { digest, versions: { latest: 2 } }), 'uri_invalid', /several versions/);
  const two = await once(store, { versions: { latest: 2 } });
  assert.deepEqual(await readdir(two.root), ['10', '9']);
  await refusal(once(store, { versions: { specific: ['7'] } }), 'source_missing', /version 7 is not there/);
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

test('a path is used in place: read through only where it is pinned, by the same digest as if it were fetched', async t => {
  const { store, source } = await tryStore(t);
  source.put('model.onnx', 'a model').put('deep/weights.bin', 'weights');
  const fetched = await once(store);
  const here = await folder(t);
  const copied = { uri: 'm', base: here };
  await cp(fetched.root, join(here, 'm'), { recursive: true });
  const plain = await store.hold(copied);
  assert.deepEqual([plain.root, plain.digest, plain.spoken], [join(here, 'm'), undefined, join(here, 'm')]);
  const pinned = await store.hold({ ...copied, digest: fetched.digest });
  assert.deepEqual([pinned.digest, pinned.manifest], [fetched.digest, fetched.manifest]);
  await flip(join(here, 'm/deep/weights.bin'));
  await refusal(
    store.hold({ ...copied, digest: fetched.digest }),
    'digest_mismatch',
    /the model has the digest/,
  );
  const file = { uri: 'm/model.onnx', base: here, digest: fetched.digest };
  await refusal(store.hold(file), 'digest_mismatch', /model\.onnx has the digest/);
  await refusal(store.hold({ uri: 'nowhere', base: here }), 'file_missing');
});

test('signatures come along, are no part of the model, and are there without a network', async t => {
  const told: unknown[] = [];
  const admission = {
    ...admitAll,
    beforeFetching: (_: Wanted, files: readonly { path: string }[]) =>
      void told.push(files.map(({ path }) => path)),
    beforeHolding: async (_: Wanted, artifact: Admissible) => {
      const signatures = await artifact.signatures();
      told.push(signatures.map(({ path, bytes }) => [path, String(Buffer.from(bytes))]));
    },
  };
  const { store, source } = await tryStore(t, {}, { admission });
  source.put('model.onnx', 'a model').put('model.sig', 'signed');
  const { digest, manifest } = await once(store);
  assert.equal(manifest?.files.length, 1);
  const signed = [['model.onnx'], [['model.sig', 'signed']]];
  assert.deepEqual(told.splice(0), [['model.onnx'], ...signed]);
  await once(store, { digest });
  assert.deepEqual(told, signed);
});

/** In place of a real one: an archive is lines of a path and a text. */
async function unpackLines(archive: string, into: string): Promise<void> {
  for (const line of (await readFile(archive, 'utf8')).split(';')) {
    const [path = '', text = ''] = line.split('=');
    await mkdir(dirname(join(into, path)), { recursive: true });
    await writeFile(join(into, path), text);
  }
}

const archives: readonly {
  name: string;
  layers: readonly string[];
  files: readonly string[];
  spoken: string;
}[] = [
  {
    name: 'of files',
    layers: ['a.onnx=one;.x=y', 'b.bin=two'],
    files: ['a.onnx', 'b.bin'],
    spoken: 'bucket/m',
  },
  {
    name: 'of a folder',
    layers: ['m-1/a.onnx=one;m-1/d/b.bin=two;m-1/model.sig=s'],
    files: ['a.onnx', 'd'],
    spoken: 'bucket/m',
  },
  { name: 'of versions', layers: ['1/a.onnx=one;2/a.onnx=two'], files: ['2'], spoken: 'bucket/m/2' },
  {
    name: 'of a folder of versions',
    layers: ['m/1/a.onnx=one;m/2/a.onnx=two'],
    files: ['2'],
    spoken: 'bucket/m/2',
  },
];

for (const { name, layers, files, spoken } of archives) {
  test(`an archive ${name} is unpacked, and fetched again only when it changes`, async t => {
    const { store, source } = await tryStore(t, {}, { unpack: unpackLines });
    for (const [at, layer] of layers.entries())
      source.put(`layer-${at}`, layer, { unpack: { format: 'tar' } });
    const more = { uri: 's3://bucket/m.tar.gz' };
    const held = await once(store, more);
    assert.deepEqual(await readdir(held.root), files);
    assert.equal(held.spoken, spoken);
    const again = await once(store, { ...more, digest: held.digest });
    assert.deepEqual([again.fetched, again.root], [0, held.root]);
    assert.deepEqual([(await once(store, more)).fetched, (await once(store, more)).root], [0, held.root]);
    const here = await folder(t);
    await cp(held.root, join(here, 'm'), { recursive: true });
    assert.equal((await store.hold({ uri: 'm', base: here, digest: held.digest })).digest, held.digest);
  });
}

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

test('a path of this machine is read through for an admission that has to see all', async t => {
  const seen: string[] = [];
  const admission = {
    ...admitAll,
    seesAll: true,
    beforeHolding: async (_: Wanted, artifact: Admissible) => {
      for (const { path } of artifact.manifest.files) seen.push(path, await text(artifact.read(path)));
      seen.push(...(await artifact.signatures()).map(({ path }) => path));
    },
  };
  const { store, source } = await tryStore(t, {}, { admission });
  const here = await folder(t);
  await mkdir(join(here, 'm/1'), { recursive: true });
  for (const name of ['model.onnx', 'model.sig']) await writeFile(join(here, 'm/1', name), 'text');
  const held = await store.hold({ uri: 'm', base: here });
  assert.equal(held.digest, `sha256:${sha256('text')}`);
  assert.deepEqual(seen.splice(0), ['model.onnx', 'text', 'model.sig']);
  source.put('1/model.onnx', 'text').put('1/model.sig', 'text');
  const { root } = await once(store);
  assert.deepEqual(seen.splice(0), ['model.onnx', 'text', 'model.sig']);
  await once(store, { uri: join(root, '1') });
  assert.deepEqual(seen, ['model.onnx', 'text', 'model.sig']);
});

test('who is not let in has nothing asked of its source, or nothing fetched', async t => {
  const refuse = (): never => {
    throw failure('policy_refused', { uri: 'u', problem: 'no', remedy: 'ask' });
  };
  const { store, source } = await tryStore(t, {}, { admission: { ...admitAll, beforeListing: refuse } });
  source.put('model.onnx', 'a model');
  await refusal(once(store), 'policy_refused');
  assert.equal(source.opened, 0);
  const fetching = storeOver(
    await folder(t),
    source,
    {},
    { admission: { ...admitAll, beforeFetching: refuse } },
  );
  await refusal(once(fetching), 'policy_refused');
  assert.equal(source.reads.length, 0);
  const holding = storeOver(
    await folder(t),
    source,
    {},
    { admission: { ...admitAll, beforeHolding: async () => refuse() } },
  );
  await refusal(once(holding), 'policy_refused');
  assert.equal((await holding.list())[0]?.inUse, false);
});

const listings: readonly { name: string; paths: readonly string[]; code: ErrorCode; message: RegExp }[] = [
  {
    name: 'a path that leads out',
    paths: ['../model.onnx'],
    code: 'source_invalid',
    message: /cannot be the path/,
  },
  {
    name: 'a file that is a folder too',
    paths: ['a', 'a/b'],
    code: 'source_invalid',
    message: /a as a file and as a folder/,
  },
  { name: 'nothing', paths: [], code: 'source_invalid', message: /no files/ },
  {
    name: 'nothing that is part of a model',
    paths: ['.git/HEAD'],
    code: 'source_missing',
    message: /no file that is part/,
  },
];

for (const { name, paths, code, message } of listings) {
  test(`a source that lists ${name} is refused`, async t => {
    const { store, source } = await tryStore(t);
    for (const path of paths) source.put(path, 'x');
    await refusal(once(store), code, message);
  });
}
