import assert from 'node:assert/strict';
import test from 'node:test';
import type { ErrorCode } from '#base';
import { cutting, type Fault, isOf, PushableRegistry, refusing } from '../../fixtures/pushable-registry.ts';
import { blobOf, homeWith, pushingTo, randomBlob, trying, writerOf } from '../../fixtures/pushing.ts';
import { refuse } from '../../fixtures/registry.ts';
import { rejects } from '../../fixtures/registry-client.ts';

const MiB = 2 ** 20;
const PUT = isOf('PUT', '/uploads/');
const PATCH = isOf('PATCH');

for (const location of ['relative', 'absolute', 'query'] as const) {
  test(`what is small goes in one request, to a place told as ${location}`, async t => {
    const { registry, writer } = await pushingTo(t, { location });
    const blob = randomBlob(300_000);
    assert.equal(await writer.upload(blob, trying()), 'uploaded');
    assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
    assert.deepEqual(registry.log, ['POST /v2/a/b/blobs/uploads/', 'PUT /v2/a/b/blobs/uploads/*']);
  });

  test(`what is large goes in pieces, to places told as ${location}`, async t => {
    const { registry, writer } = await pushingTo(t, { location });
    const blob = randomBlob(33 * MiB);
    await writer.upload(blob, trying());
    assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
    const pieces = registry.asked.filter(({ method }) => method === 'PATCH');
    assert.deepEqual(
      pieces.map(({ contentRange }) => contentRange),
      ['0-16777215', '16777216-33554431', '33554432-34603007'],
    );
    assert.equal(blob.read, blob.size, 'it is read once');
  });
}

test('an empty blob is one', async t => {
  const { registry, writer } = await pushingTo(t);
  const blob = randomBlob(0);
  await writer.upload(blob, trying());
  assert.equal(registry.blob('a/b', blob.digest)?.length, 0);
});

test('pieces are as large as a registry wants them at least', async t => {
  const { registry, writer } = await pushingTo(t, { leastChunk: 20 * MiB });
  await writer.upload(randomBlob(21 * MiB), trying());
  const sent = registry.asked.filter(({ method }) => method === 'PATCH').map(({ bytes }) => bytes);
  assert.deepEqual(sent, [20 * MiB, MiB]);
});

test('a blob of another repository is mounted, and not read', async t => {
  const { registry, writer } = await pushingTo(t);
  const blob = randomBlob(1000);
  registry.keep('base', blob.bytes);
  assert.equal(await writer.upload({ ...blob, from: 'base' }, trying()), 'mounted');
  assert.deepEqual([registry.asked.length, blob.read], [1, 0]);
  assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
});

const unmountable: readonly { name: string; mounts?: boolean; fault?: Fault; requests: number }[] = [
  { name: 'has it nowhere', requests: 2 },
  { name: 'mounts nothing', mounts: false, requests: 2 },
  { name: 'knows nothing of mounting', fault: refusing(isOf('POST', 'mount='), 405), requests: 3 },
  { name: 'does not let the other be read', fault: refusing(isOf('POST', 'mount='), 403), requests: 3 },
];

for (const { name, mounts = true, fault, requests } of unmountable)
  test(`a registry that ${name} is sent the blob`, async t => {
    const { registry, writer } = await pushingTo(t, { mounts });
    if (fault !== undefined) registry.behave(fault);
    const blob = randomBlob(1000);
    if (!mounts) registry.keep('base', blob.bytes);
    assert.equal(await writer.upload({ ...blob, from: 'base' }, trying()), 'uploaded');
    assert.equal(registry.asked.length, requests);
  });

const cuts: readonly { name: string; size: number; faults: Fault[]; most: number }[] = [
  { name: 'a request that is cut', size: MiB, faults: [cutting(PUT, 500_000)], most: MiB + 1 },
  { name: 'a request that is cut soon', size: MiB, faults: [cutting(PUT, 90_000)], most: MiB + 1 },
  { name: 'a piece that is cut', size: 17 * MiB, faults: [cutting(PATCH, 9 * MiB)], most: 18 * MiB },
  {
    name: 'the second piece, cut twice',
    size: 33 * MiB,
    faults: [cutting(request => PATCH(request) && !from(request.headers['content-range'], 0), 5 * MiB, 2)],
    most: 34 * MiB,
  },
];

function from(range: string | undefined, start: number): boolean {
  return range?.startsWith(`${start}-`) === true;
}

for (const { name, size, faults, most } of cuts)
  test(`${name} goes on from what the registry has`, async t => {
    const { registry, writer } = await pushingTo(t);
    registry.behave(...faults);
    const blob = randomBlob(size);
    await writer.upload(blob, trying());
    assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
    const sent = registry.asked.reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(sent < most, `${sent} bytes`);
    assert.equal(registry.log.filter(line => line.startsWith('POST')).length, 1);
  });

test('an upload that ended well though nobody heard so is not done twice', async t => {
  const { registry, writer } = await pushingTo(t);
  const blob = randomBlob(1000);
  let isFirst = true;
  registry.behave((request, response) => {
    if (!PUT(request) || !isFirst) return false;
    isFirst = false;
    response.writeHead = () => {
      request.socket.destroy();
      return response;
    };
    return false;
  });
  await writer.upload(blob, trying());
  assert.equal(registry.log.filter(line => line.startsWith('POST')).length, 1);
  assert.equal(registry.log.at(-1), `HEAD /v2/a/b/blobs/${blob.digest}`);
});

for (const [name, kind, size] of [
  ['before its only request', PUT, MiB],
  ['before its second piece', PATCH, 33 * MiB],
] as const)
  test(`an upload that is forgotten ${name} begins anew`, async t => {
    const { registry, writer } = await pushingTo(t);
    let count = 0;
    registry.behave(request => {
      if (kind(request) && ++count === (kind === PUT ? 1 : 2)) registry.forgetSessions();
      return false;
    });
    const blob = randomBlob(size);
    await writer.upload(blob, trying());
    assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
  });

test('pieces that a registry mixed up are all sent anew', async t => {
  const { registry, writer } = await pushingTo(t);
  let isFirst = true;
  registry.behave(request => {
    if (!PATCH(request) || !isFirst) return false;
    isFirst = false;
    // The first bytes are lost on the way, and others take their place.
    request.prependListener('data', (chunk: Buffer) => chunk.fill(0));
    return false;
  });
  const blob = randomBlob(17 * MiB);
  await writer.upload(blob, trying());
  assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
});

const refusedOnce: readonly { name: string; fault: () => Fault; size?: number }[] = [
  { name: 'a fault at the start', fault: () => refusing(isOf('POST'), 500, { times: 2 }) },
  { name: 'a fault at the end', fault: () => refusing(PUT, 500, { times: 1 }) },
  { name: 'a busy gateway', fault: () => refusing(PATCH, 503, { times: 1 }), size: 17 * MiB },
  { name: 'a fault when asked how far it is', size: 17 * MiB, fault: () => withStatusFault() },
];

function withStatusFault(): Fault {
  const faults = [refusing(PATCH, 500, { times: 1 }), refusing(isOf('GET', '/uploads/'), 502, { times: 1 })];
  return (...asked) => faults.some(fault => fault(...asked));
}

for (const { name, fault, size = 1000 } of refusedOnce)
  test(`${name} is tried again`, async t => {
    const { registry, writer } = await pushingTo(t);
    registry.behave(fault());
    const blob = randomBlob(size);
    await writer.upload(blob, trying());
    assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
  });

test('a registry that asks for patience is left alone for as long', async t => {
  const { registry, writer } = await pushingTo(t);
  registry.behave(refusing(PUT, 429, { times: 1, headers: { 'retry-after': '1' } }));
  const started = performance.now();
  await writer.upload(randomBlob(1000), trying());
  assert.ok(performance.now() - started >= 1000);
});

test('a limit on the size of requests is found out once, and kept to', async t => {
  const { registry, writer } = await pushingTo(t);
  registry.behave((request, response, taken) => {
    if (Number(request.headers['content-length'] ?? 0) <= MiB) return false;
    return refusing(() => true, 413)(request, response, taken);
  });
  const [one, other] = [randomBlob(5 * MiB), randomBlob(3 * MiB)];
  await writer.upload(one, trying());
  const before = registry.asked.filter(({ status }) => status === 413).length;
  await writer.upload(other, trying());
  assert.equal(registry.asked.filter(({ status }) => status === 413).length, before);
  for (const { bytes, digest } of [one, other]) assert.ok(registry.blob('a/b', digest)?.equals(bytes));
});

test('pieces that are too large are told so by 416 too', async t => {
  const { registry, writer } = await pushingTo(t);
  registry.behave((request, response) => {
    if (!PATCH(request) || Number(request.headers['content-length']) <= 4 * MiB) return false;
    request.resume().on('end', () => refuse(response, 416, 'REQUESTED_RANGE_NOT_SATISFIABLE'));
    return true;
  });
  const blob = randomBlob(17 * MiB);
  await writer.upload(blob, trying());
  assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
});

const final: readonly { name: string; fault: Fault; code: ErrorCode; message: RegExp; attempts: number }[] = [
  {
    name: 'a refusal',
    fault: refusing(isOf('POST'), 403),
    code: 'source_refused',
    message: /status 403, refused_403; run `docker login 127/,
    attempts: 1,
  },
  {
    name: 'no such repository',
    fault: refusing(isOf('POST'), 404),
    code: 'source_missing',
    message: /status 404/,
    attempts: 1,
  },
  {
    name: 'a limit below all pieces',
    fault: refusing(PUT, 413),
    code: 'source_invalid',
    message: /status 413, it, or a proxy before it, takes no request of 1000 bytes/,
    attempts: 1,
  },
  {
    name: 'a limit on how often',
    fault: refusing(isOf('POST'), 429),
    code: 'source_unavailable',
    message: /status 429/,
    attempts: 5,
  },
  {
    name: 'a fault that stays',
    fault: refusing(PUT, 500),
    code: 'source_unavailable',
    message: /status 500/,
    attempts: 5,
  },
  {
    name: 'an upload that is always forgotten',
    fault: refusing(PUT, 404),
    code: 'source_unavailable',
    message: /status 404, it lost its place in an upload again and again: refused_404/,
    attempts: 5,
  },
];

for (const { name, fault, code, message, attempts } of final)
  test(`${name} is told after ${attempts} attempts`, async t => {
    const { registry, writer } = await pushingTo(t);
    const pauses: number[] = [];
    const quick = { random: { next: () => (pauses.push(0), 0) }, signal: AbortSignal.timeout(30_000) };
    registry.behave(fault);
    await rejects(writer.upload(randomBlob(1000), quick), code, message);
    assert.equal(pauses.length, attempts - 1);
  });

for (const [name, change] of [
  ['are others', (bytes: Buffer) => Buffer.from(bytes).fill(0, 0, 1)],
  ['are too few', (bytes: Buffer) => bytes.subarray(1)],
] as const)
  for (const size of [100_000, 17 * MiB])
    test(`${size} bytes that ${name} than their digest says are never all there`, async t => {
      const { registry, writer } = await pushingTo(t);
      const { bytes, digest } = randomBlob(size);
      const wrong = { ...blobOf(change(bytes)), digest, size };
      await rejects(writer.upload(wrong, trying()), 'digest_mismatch', /a blob that is sent has the digest/);
      assert.equal(registry.blob('a/b', digest), undefined);
      const sent = registry.asked.reduce((sum, one) => sum + one.bytes, 0);
      assert.ok(sent < size);
    });

test('who gives up is not kept waiting, and leaves nothing behind', async t => {
  const { registry, writer } = await pushingTo(t);
  const giveUp = new AbortController();
  registry.behave(request => {
    if (!PATCH(request)) return false;
    request.once('data', () => giveUp.abort(new Error('enough')));
    return false;
  });
  const blob = randomBlob(17 * MiB);
  await assert.rejects(writer.upload(blob, trying(giveUp.signal)), /enough/);
  assert.equal(registry.blob('a/b', blob.digest), undefined);
});

test('a slow registry is waited for as long as it goes on', async t => {
  const { registry, writer } = await pushingTo(t, { patienceMs: 500 });
  registry.behave(request => {
    if (!PUT(request)) return false;
    request.on('data', () => {
      request.pause();
      setTimeout(() => request.resume(), 8);
    });
    return false;
  });
  const blob = randomBlob(8 * MiB);
  const started = performance.now();
  await writer.upload(blob, trying());
  assert.ok(performance.now() - started > 500);
  assert.equal(registry.asked.length, 2);
});

test('an upload may go on at another host, which is sent no credentials', async t => {
  const storage = await PushableRegistry.start(t);
  const began = await fetch(`http://${storage.host}/v2/x/blobs/uploads/`, { method: 'POST' });
  const { registry } = await pushingTo(t);
  const config = JSON.stringify({ auths: { [registry.host]: { username: 'me', password: 's3cr3t' } } });
  const writer = writerOf(t, registry.host, { environment: await homeWith(t, config) });
  registry.behave(
    (request, response) => {
      if (request.headers.authorization !== undefined) return false;
      refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="r"' });
      return true;
    },
    (_, response) => {
      response.writeHead(202, { location: `http://${storage.host}${began.headers.get('location')}` }).end();
      return true;
    },
  );
  const blob = randomBlob(1000);
  await writer.upload(blob, trying());
  assert.ok(storage.blob('x', blob.digest)?.equals(blob.bytes));
  assert.deepEqual(new Set(storage.asked.map(({ authorization }) => authorization)), new Set([undefined]));
});

test('an upload is not sent to another machine by plain http', async t => {
  const { registry, writer } = await pushingTo(t);
  registry.behave((_, response) => {
    response.writeHead(202, { location: 'http://192.0.2.1/u' }).end();
    return true;
  });
  await rejects(writer.upload(randomBlob(9), trying()), 'source_invalid', /plain http, at 192\.0\.2\.1/);
});
