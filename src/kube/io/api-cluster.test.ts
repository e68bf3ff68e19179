import assert from 'node:assert/strict';
import test from 'node:test';
import { apiServer, json } from '../fixtures/api-server.ts';

const CONFIG = { apiVersion: 'v1', kind: 'ConfigMap' };
const map = { ...CONFIG, metadata: { name: 'a', namespace: 'other' }, data: { a: '1' } };
const gone = json({ kind: 'Status', code: 404, message: 'configmaps "a" not found' }, 404);

test('an apply is one patch, strict, with who it is from', async t => {
  const { cluster, asked } = await apiServer(t, [
    json(map, 200, { warning: '299 - "would violate \\"restricted\\"", 299 - "deprecated"' }),
  ]);
  const { warnings } = await cluster.apply(map, { force: true, isRehearsal: true, manager: 'me' });
  const [one] = asked;
  assert.equal(one?.method, 'PATCH');
  assert.equal(one?.headers['content-type'], 'application/apply-patch+yaml');
  assert.equal(one?.url.pathname, '/api/v1/namespaces/other/configmaps/a');
  assert.equal(one?.url.search, '?fieldManager=me&fieldValidation=Strict&force=true&dryRun=All');
  assert.deepEqual(JSON.parse(one?.body ?? ''), map);
  assert.deepEqual(warnings, ['would violate "restricted"', 'deprecated']);
});

test('a list is read page by page, and each object knows what it is', async t => {
  const page = (name: string, more: string) =>
    json({ metadata: { continue: more, resourceVersion: '9' }, items: [{ metadata: { name } }] });
  const { cluster, asked } = await apiServer(t, [page('a', 'n+xt'), page('b', '')]);
  const found = await cluster.list(CONFIG, { labels: 'a=b,c=d' });
  assert.deepEqual(
    found.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    ['ConfigMap a', 'ConfigMap b'],
  );
  assert.deepEqual(
    asked.map(({ url }) => [url.searchParams.get('continue'), url.searchParams.get('labelSelector')]),
    [
      [null, 'a=b,c=d'],
      ['n+xt', 'a=b,c=d'],
    ],
  );
});

test('an empty list of metadata, which is null, is empty', async t => {
  const { cluster, asked } = await apiServer(t, [json({ metadata: {}, items: null })]);
  assert.deepEqual(await cluster.list(CONFIG, { isMetadataOnly: true }), []);
  assert.match(asked[0]?.headers.accept ?? '', /as=PartialObjectMetadataList/);
});

test('what is not there is no error where it is read or removed', async t => {
  const { cluster } = await apiServer(t, [gone]);
  assert.equal(await cluster.get({ ...CONFIG, name: 'a' }), undefined);
  assert.equal(await cluster.remove({ ...CONFIG, name: 'a' }), false);
});

test('only the very object that was seen is removed', async t => {
  const { cluster, asked } = await apiServer(t, [
    json({ kind: 'Status', code: 409, message: 'other uid' }, 409),
  ]);
  assert.equal(await cluster.remove({ ...CONFIG, name: 'a' }, { uid: 'u', isForeground: true }), false);
  assert.deepEqual(JSON.parse(asked[0]?.body ?? ''), {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: 'Foreground',
    preconditions: { uid: 'u' },
  });
});

test('a kind that the cluster does not have is said before anything is asked', async t => {
  const { cluster, asked } = await apiServer(t, [gone]);
  await assert.rejects(cluster.list({ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' }), {
    code: 'kind_unknown',
    message: /ScaledObject: the cluster has no such kind in keda\.sh\/v1alpha1; install KEDA/,
  });
  assert.equal(asked.length, 0);
});

test('a log is its last lines, of the run before where that is asked for', async t => {
  const { cluster, asked } = await apiServer(t, [response => void response.end('one\n\ntwo\n')]);
  const pod = { apiVersion: 'v1', kind: 'Pod', name: 'a' };
  assert.deepEqual(await cluster.logs(pod, { container: 'server', tail: 2, isPrevious: true }), [
    'one',
    'two',
  ]);
  assert.equal(asked[0]?.url.search, '?container=server&tailLines=2&limitBytes=65536&previous=true');
});

test('events of an object come in the order of time', async t => {
  const event = (name: string, lastTimestamp: string) => ({ metadata: { name }, lastTimestamp });
  const items = [event('late', '2026-01-02T00:00:00Z'), event('early', '2026-01-01T00:00:00Z')];
  const { cluster, asked } = await apiServer(t, [json({ metadata: {}, items })]);
  const of = { ...map, metadata: { ...map.metadata, uid: 'u1', resourceVersion: '1' } };
  assert.deepEqual(
    (await cluster.events(of)).map(({ metadata }) => metadata.name),
    ['early', 'late'],
  );
  assert.equal(asked[0]?.url.searchParams.get('fieldSelector'), 'involvedObject.uid=u1');
});
