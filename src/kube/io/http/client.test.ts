import assert from 'node:assert/strict';
import test from 'node:test';
import { AppError } from '#base';
import { apiServer, cut, json, type Reply, silence } from '../../fixtures/api-server.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', name: 'a' };
const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } };
const status = (code: number, more: object = {}): Reply =>
  json({ kind: 'Status', code, message: 'not now', ...more }, code);

const passing: readonly { name: string; reply: Reply; pauseMs: number }[] = [
  { name: 'a server that is busy', reply: status(503), pauseMs: 250 },
  { name: 'a fault of its own', reply: status(500), pauseMs: 250 },
  {
    name: 'too many requests, as long as it asks for',
    reply: json({ kind: 'Status' }, 429, { 'retry-after': '7' }),
    pauseMs: 7_000,
  },
  {
    name: 'too many requests, as long as its status asks for',
    reply: status(429, { details: { retryAfterSeconds: 3 } }),
    pauseMs: 3_000,
  },
  {
    name: 'a pause of an hour, cut to what a person waits',
    reply: json({}, 429, { 'retry-after': '3600' }),
    pauseMs: 30_000,
  },
  { name: 'a connection that breaks off', reply: cut, pauseMs: 250 },
];

for (const { name, reply, pauseMs } of passing)
  test(`it is asked again after ${name}`, async t => {
    const { cluster, asked, pauses } = await apiServer(t, [reply, json(pod)]);
    assert.equal((await cluster.get(POD))?.metadata.name, 'a');
    assert.deepEqual(pauses, [pauseMs]);
    assert.equal(asked.length, 2);
  });

test('it is asked so often and no more, with growing pauses', async t => {
  const { cluster, asked, pauses } = await apiServer(t, [status(503)]);
  await assert.rejects(cluster.get(POD), { code: 'cluster_unreachable', message: /answers 503: not now$/ });
  assert.equal(asked.length, 4);
  assert.deepEqual(pauses, [250, 500, 1000]);
});

test('a server that says nothing is not waited for for ever', async t => {
  const { cluster, asked } = await apiServer(t, [silence, json(pod)], 100);
  assert.equal((await cluster.get(POD))?.metadata.name, 'a');
  assert.equal(asked.length, 2);
});

test('an answer that begins and never ends is not waited for for ever', async t => {
  const half: Reply = response => void response.writeHead(200).write('{"kind":');
  const { cluster } = await apiServer(t, [half, json(pod)], 100);
  assert.equal((await cluster.get(POD))?.metadata.name, 'a');
});

test('what no attempt would change is asked once', async t => {
  const { cluster, asked } = await apiServer(t, [
    json(
      {
        kind: 'Status',
        message: 'failed to create typed patch object (a): .x: field not declared in schema',
      },
      500,
    ),
  ]);
  await assert.rejects(cluster.apply({ ...pod, x: 1 }), {
    code: 'object_refused',
    message: 'Pod a, .x: the cluster knows no such field',
  });
  assert.equal(asked.length, 1);
});

test('whoever asked may end it, between attempts and within one', async t => {
  const { cluster } = await apiServer(t, [silence], 60_000);
  const asking = cluster.get(POD);
  setImmediate(() => cluster.close());
  await assert.rejects(asking, error => !(error instanceof AppError));
});

test('a request says who asks and what it takes', async t => {
  const { cluster, asked } = await apiServer(t, [json(pod)]);
  await cluster.get(POD);
  assert.equal(asked[0]?.headers.authorization, 'Bearer t0ken');
  assert.equal(asked[0]?.url.pathname, '/api/v1/namespaces/team-a/pods/a');
});
