import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import test from 'node:test';
import { type Fault, isOf, refusing } from '../../fixtures/pushable-registry.ts';
import { homeWith, pushingTo, randomBlob, trying, writerOf } from '../../fixtures/pushing.ts';
import { refuse } from '../../fixtures/registry.ts';
import { rejects } from '../../fixtures/registry-client.ts';
import { digestOf } from '../../fixtures/repository.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const signal = (): AbortSignal => AbortSignal.timeout(20_000);

function index(note: string): { mediaType: string; digest: string; bytes: Buffer } {
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [], annotations: { note } }),
  );
  return { mediaType: INDEX, digest: digestOf(bytes), bytes };
}

test('a manifest is kept under a tag, and is known there', async t => {
  const { registry, writer } = await pushingTo(t);
  const document = index('a');
  assert.equal(await writer.digestOf('v1', trying()), undefined);
  assert.deepEqual(await writer.put('v1', document, trying()), { seesSubject: false });
  assert.equal(await writer.digestOf('v1', trying()), document.digest);
  assert.equal(registry.document('a/b', 'v1')?.mediaType, INDEX);
  assert.equal((await writer.manifest('v1', signal())).digest, document.digest);
});

test('a blob is known where it is', async t => {
  const { registry, writer } = await pushingTo(t);
  const { bytes, digest } = randomBlob(10);
  assert.equal(await writer.hasBlob(digest, trying()), false);
  registry.keep('a/b', bytes);
  assert.equal(await writer.hasBlob(digest, trying()), true);
});

test('a manifest whose parts are not there is refused in the words of the registry', async t => {
  const { writer } = await pushingTo(t);
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ digest: index('x').digest }] }));
  const document = { mediaType: INDEX, digest: digestOf(bytes), bytes };
  await rejects(writer.put('v1', document, trying()), 'source_invalid', /status 400, manifest_unknown$/);
});

test('a registry that keeps something else is told', async t => {
  const { registry, writer } = await pushingTo(t);
  registry.behave((request, response) => {
    const other = index('other').digest;
    request.resume().on('end', () => response.writeHead(201, { 'docker-content-digest': other }).end());
    return true;
  });
  await rejects(
    writer.put('v1', index('a'), trying()),
    'source_invalid',
    /it keeps as sha256:.* what is sha256:/,
  );
});

test('a page of a proxy is neither a blob nor a kept manifest, whatever its status', async t => {
  const { registry, writer } = await pushingTo(t);
  registry.behave((request, response) => {
    const page = { 'content-type': 'text/html; charset=utf-8' };
    request.resume().on('end', () => response.writeHead(200, page).end('<title>Sign in</title>'));
    return true;
  });
  const { digest } = randomBlob(10);
  for (const asking of [
    writer.hasBlob(digest, trying()),
    writer.put('v1', index('a'), trying()),
    writer.manifest('v1', signal()),
  ])
    await rejects(
      asking,
      'source_invalid',
      /status 200, .* answers with a page for people, not as a registry/,
    );
});

test('what is busy is asked again', async t => {
  const { registry, writer } = await pushingTo(t);
  for (const method of ['HEAD', 'PUT', 'GET']) registry.behave(refusing(isOf(method), 503, { times: 1 }));
  const document = index('a');
  assert.equal(await writer.digestOf('v1', trying()), undefined);
  await writer.put('v1', document, trying());
  assert.equal(await writer.hasReferrer(document.digest, document.digest, trying()), false);
});

for (const seesSubjects of [true, false])
  test(`what refers to a digest is found ${seesSubjects ? 'by the registry' : 'under its tag'}`, async t => {
    const { registry, writer } = await pushingTo(t, { seesSubjects });
    const subject = index('subject').digest;
    const attached = ['one', 'other'].map(note => {
      const bytes = Buffer.from(
        JSON.stringify({ mediaType: INDEX, manifests: [], note, subject: { digest: subject } }),
      );
      return { mediaType: INDEX, digest: digestOf(bytes), bytes };
    });
    for (const document of attached) {
      const { mediaType, digest, bytes } = document;
      assert.deepEqual(await writer.put(digest, document, trying()), { seesSubject: seesSubjects });
      assert.equal(await writer.hasReferrer(subject, digest, trying()), seesSubjects);
      const referrer = { mediaType, digest, size: bytes.length, artifactType: 'a/b' };
      if (!seesSubjects) await writer.noteReferrer(subject, referrer, trying());
      assert.equal(await writer.hasReferrer(subject, digest, trying()), true);
    }
    const found = await writer.referrers(subject, signal());
    assert.deepEqual(
      found.map(({ digest }) => digest),
      attached.map(({ digest }) => digest),
    );
    const puts = registry.log.filter(line => line.startsWith('PUT'));
    assert.equal(puts.length, seesSubjects ? 2 : 4);
  });

test('what is noted already is not noted twice, and what else was noted stays', async t => {
  const { registry, writer } = await pushingTo(t);
  const subject = index('subject').digest;
  const tag = subject.replace(':', '-');
  const kept = { mediaType: INDEX, digest: index('kept').digest, size: 5, data: 'e30=' };
  await writer.put(kept.digest, index('kept'), trying());
  const before = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [kept], x: 1 }));
  await writer.put(tag, { mediaType: INDEX, digest: digestOf(before), bytes: before }, trying());
  const mine = index('mine');
  await writer.put(mine.digest, mine, trying());
  const referrer = { mediaType: INDEX, digest: mine.digest, size: mine.bytes.length, artifactType: 'a/b' };
  await writer.noteReferrer(subject, referrer, trying());
  const { bytes = Buffer.alloc(0) } = registry.document('a/b', tag) ?? {};
  assert.deepEqual(JSON.parse(Buffer.from(bytes).toString()), {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [kept, referrer],
    x: 1,
  });
  const count = registry.asked.length;
  await writer.noteReferrer(subject, referrer, trying());
  assert.equal(registry.asked.length, count + 1);
});

test('a tag of that name that is something else is left alone', async t => {
  const { registry, writer } = await pushingTo(t);
  const subject = index('subject').digest;
  const config = registry.keep('a/b', Buffer.from('{}'));
  const manifest = { config: { mediaType: 'x/y', digest: config, size: 2 }, layers: [] };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  await writer.put(subject.replace(':', '-'), { mediaType, digest: digestOf(bytes), bytes }, trying());
  const noting = writer.noteReferrer(subject, { mediaType, digest: subject, size: 1 }, trying());
  await rejects(noting, 'source_invalid', /the tag sha256-[0-9a-f]{64} holds no index/);
});

interface Tokens {
  readonly fault: Fault;
  /** What was asked for, each time. */
  readonly scopes: string[][];
  /** Those that were given no longer count. */
  expire: () => void;
}

/** Lets in by tokens for what is asked of it: to read, to write, and to read what is mounted. */
function tokens(): Tokens {
  const scopes: string[][] = [];
  let first = 0;
  const needed = ({ method, url = '' }: IncomingMessage): string[] => {
    const { searchParams } = new URL(url, 'http://x');
    const other = searchParams.get('from');
    const own = method === 'GET' || method === 'HEAD' ? 'pull' : 'pull,push';
    return [`repository:a/b:${own}`, ...(other === null ? [] : [`repository:${other}:pull`])];
  };
  const isGood = (request: IncomingMessage): boolean => {
    const at = Number(/^Bearer t(\d+)$/.exec(request.headers.authorization ?? '')?.[1] ?? -1);
    const given = at < first ? [] : (scopes[at] ?? []);
    return needed(request).every(scope => given.some(one => one.startsWith(scope)));
  };
  const fault: Fault = (request, response) => {
    if (request.url?.startsWith('/token') === true) {
      scopes.push(new URL(request.url, 'http://x').searchParams.getAll('scope'));
      response.end(JSON.stringify({ token: `t${scopes.length - 1}` }));
      return true;
    }
    if (isGood(request)) return false;
    const challenge = `Bearer realm="http://${request.headers.host}/token",service="r",scope="${needed(request).join(' ')}"`;
    refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': challenge });
    return true;
  };
  return { fault, scopes, expire: () => (first = scopes.length) };
}

test('a token is asked for what is to be done, once for all of it', async t => {
  const { registry, writer } = await pushingTo(t);
  const { fault, scopes } = tokens();
  registry.behave(fault);
  const blobs = [randomBlob(10), randomBlob(20)];
  for (const blob of blobs) {
    assert.equal(await writer.hasBlob(blob.digest, trying()), false);
    await writer.upload(blob, trying());
  }
  await writer.put('v1', index('a'), trying());
  assert.deepEqual(scopes, [['repository:a/b:pull,push']]);
});

test('a token to read is replaced by one to write, and those to mount add to each other', async t => {
  const { registry, writer } = await pushingTo(t);
  const { fault, scopes } = tokens();
  registry.behave(fault);
  await rejects(writer.manifest('v1', signal()), 'source_missing', /404/);
  const blobs = ['base', 'other', 'base', 'other'].map(from => ({ ...randomBlob(10), from }));
  for (const { bytes, from } of blobs) registry.keep(from, bytes);
  const ended = await Promise.all(blobs.map(blob => writer.upload(blob, trying())));
  assert.deepEqual(ended, ['mounted', 'mounted', 'mounted', 'mounted']);
  assert.deepEqual(scopes[0], ['repository:a/b:pull']);
  assert.deepEqual(
    new Set(scopes.at(-1)),
    new Set(['repository:a/b:pull,push', 'repository:base:pull', 'repository:other:pull']),
  );
  assert.ok(scopes.length <= 4, String(scopes.length));
});

test('a token that ends in the middle of an upload is replaced, and the piece is sent anew', async t => {
  const { registry, writer } = await pushingTo(t);
  const { fault, expire } = tokens();
  let count = 0;
  registry.behave(request => {
    if (request.method === 'PATCH' && ++count === 2) expire();
    return false;
  }, fault);
  const blob = randomBlob(33 * 2 ** 20);
  await writer.upload(blob, trying());
  assert.ok(registry.blob('a/b', blob.digest)?.equals(blob.bytes));
});

test('a token that is known to have ended is replaced before much is sent', async t => {
  const { registry, writer } = await pushingTo(t);
  let issued = 0;
  registry.behave((request, response) => {
    if (request.url?.startsWith('/token') === true) {
      // It counts for half of this. Milliseconds: 0.1.
      response.end(JSON.stringify({ token: `t${++issued}`, expires_in: 0.0002 }));
      return true;
    }
    if (request.headers.authorization !== undefined) return false;
    const challenge = `Bearer realm="http://${request.headers.host}/token"`;
    refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': challenge });
    return true;
  });
  await writer.upload(randomBlob(1000), trying());
  const put = registry.asked.filter(({ method }) => method === 'PUT');
  assert.deepEqual(
    put.map(({ authorization }) => authorization?.slice(0, 8)),
    ['Bearer t'],
  );
});

test('who may not write is told how to log in', async t => {
  const { registry } = await pushingTo(t);
  registry.behave((_, response) => {
    refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': 'Basic realm="r"' });
    return true;
  });
  const config = JSON.stringify({ auths: { [registry.host]: { username: 'me', password: 's3cr3t' } } });
  const writer = writerOf(t, registry.host, { environment: await homeWith(t, config) });
  const error = await rejects(writer.hasBlob(index('a').digest, trying()), 'source_refused', /status 401/);
  assert.ok(error.message.includes(`docker login ${registry.host}`));
});

test('a registry that speaks plain http is told as one, at the first attempt', async t => {
  const { registry } = await pushingTo(t);
  const writer = writerOf(t, registry.host, { insecure: false });
  await rejects(
    writer.hasBlob(index('a').digest, trying()),
    'source_invalid',
    /127\.0\.0\.1:\d+ speaks plain http, .*; --plain-http, or \?insecure=true in its URI, allows that$/,
  );
});
