import assert from 'node:assert/strict';
import test from 'node:test';
import type { ErrorCode } from '#base';
import { type Manner, refuse, TestRegistry } from '../../fixtures/registry.ts';
import { BASIC, clientAt, guarded, rejects, signal, withLogin } from '../../fixtures/registry-client.ts';
import { digestOf } from '../../fixtures/repository.ts';

test('a blob is read where the registry sends for it, which is given no credentials', async t => {
  const storage = await TestRegistry.start(t);
  await storage.blob(Buffer.from('0123456789'));
  const digest = digestOf(Buffer.from('0123456789'));
  const sending: Manner = (request, response) => {
    if (!request.url?.includes('/blobs/')) return false;
    response.writeHead(307, { location: `${storage.origin}/v2/x/blobs/${digest}` }).end();
    return true;
  };
  const { client } = await clientAt(
    t,
    [
      guarded(
        () => BASIC,
        () => 'Basic realm="r"',
      ),
      sending,
    ],
    withLogin,
  );
  const chunks: Uint8Array[] = [];
  for await (const chunk of await client.blob(digest, { start: 2, end: 5 }, signal()))
    chunks.push(Buffer.from(chunk));
  assert.equal(Buffer.concat(chunks).toString(), '234');
  assert.deepEqual(
    storage.asked.map(one => one.authorization),
    [undefined],
  );
});

test('what a redirect led to asks for a password in vain', async t => {
  const storage = await TestRegistry.start(
    t,
    guarded(
      () => BASIC,
      () => 'Basic realm="r"',
    ),
  );
  const sending: Manner = (request, response) => {
    if (!request.url?.includes('/blobs/')) return false;
    response.writeHead(307, { location: `${storage.origin}/v2/x` }).end();
    return true;
  };
  const { client } = await clientAt(t, [sending], withLogin);
  await rejects(client.blob(digestOf(Buffer.from('x')), undefined, signal()), 'source_refused', /status 401/);
  assert.deepEqual(
    storage.asked.map(one => one.authorization),
    [undefined],
  );
});

const answers: readonly { name: string; manner: Manner; code: ErrorCode; message: RegExp; ask?: string }[] = [
  {
    name: 'a manifest that its digest header does not name',
    manner: (_, response) => {
      response.writeHead(200, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end('{}');
      return true;
    },
    code: 'digest_mismatch',
    message: /the manifest has the digest sha256:44136fa.*, and sha256:0000/,
  },
  {
    name: 'a manifest of another digest than was asked for',
    manner: (_, response) => {
      response.end('{}');
      return true;
    },
    ask: `sha256:${'1'.repeat(64)}`,
    code: 'digest_mismatch',
    message: /sha256:1111.* is expected/,
  },
  {
    name: 'a manifest of megabytes',
    manner: (_, response) => {
      response.end(Buffer.alloc(5 * 1024 * 1024, ' '));
      return true;
    },
    code: 'source_invalid',
    message: /more than 4 MiB/,
  },
];

for (const { name, manner, code, message, ask = 'v1' } of answers)
  test(`it is refused: ${name}`, async t => {
    const { client } = await clientAt(t, [manner]);
    await rejects(client.manifest(ask, signal()), code, message);
  });

test('too many requests are told with how long to wait', async t => {
  const limiting: Manner = (_, response) => {
    refuse(response, 429, 'TOOMANYREQUESTS', { 'retry-after': '30' });
    return true;
  };
  const { client } = await clientAt(t, [limiting]);
  for (const asking of [
    client.manifest('v1', signal()),
    client.referrers(digestOf(Buffer.from('x')), signal()),
  ]) {
    const error = await rejects(asking, 'source_unavailable', /status 429, toomanyrequests/);
    assert.equal(error.facts['waitMs'], 30_000);
  }
});
