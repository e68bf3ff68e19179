import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { type ErrorCode, failure } from '#base';
import { MEGABYTES, once, refusal, sha256, wanted } from '../fixtures/asking.ts';
import type { FaultySource } from '../fixtures/faulty-source.ts';
import { tryStore } from '../fixtures/try-store.ts';

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
