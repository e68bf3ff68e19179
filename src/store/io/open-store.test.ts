import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import test from 'node:test';
import { failure } from '#base';
import { flip, MEGABYTES, once, refusal, sha256, unpackLines, wanted } from '../fixtures/asking.ts';
import { admitAll, folder, storeOver, tryStore } from '../fixtures/try-store.ts';
import { digestOf } from '../manifest.ts';
import type { Admissible, Wanted } from '../store.ts';
import type { StorePorts } from './open-store.ts';

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

test('what was pinned is found though its URI leads elsewhere by now, and its source is gone', async t => {
  const { store, source } = await tryStore(t);
  source.put('model.onnx', 'a model');
  const { digest } = await once(store);
  source.put('model.onnx', 'another model');
  assert.notEqual((await once(store)).digest, digest);
  const { opened } = source;
  const pinned = await once(store, { digest });
  assert.deepEqual([pinned.digest, pinned.fetched, source.opened], [digest, 0, opened]);
  assert.deepEqual(
    (await store.list()).map(({ uris }) => uris),
    [[wanted.uri], [wanted.uri]],
  );
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

test('a path of this machine is read through for an admission that has to see all', async t => {
  const seen: string[] = [];
  const admission = {
    ...admitAll,
    seesAll: true,
    beforeHolding: async (_: Wanted, artifact: Admissible) => {
      for (const { path } of artifact.manifest.files) seen.push(path, await textOf(artifact.read(path)));
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

test('a pinned model that was signed since it was fetched is let in, and nothing of it is fetched again', async t => {
  const { store, source, path } = await tryStore(t);
  source.put('model.onnx', 'a model');
  const { digest } = await once(store);
  const signed: StorePorts['admission'] = {
    ...admitAll,
    async beforeHolding({ uri }, artifact) {
      const signatures = await artifact.signatures();
      if (signatures.length === 0) throw failure('signature_invalid', { uri, problem: 'unsigned' });
    },
  };
  const closed = storeOver(path, source, {}, { admission: signed });
  await refusal(once(closed, { digest }), 'signature_invalid');
  source.put('model.sig', 'a signature');
  assert.equal((await once(closed, { digest })).fetched, 0);
  const offline = storeOver(path, source, { offline: true }, { admission: signed });
  assert.equal((await once(offline, { digest })).digest, digest);
});
