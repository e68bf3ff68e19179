import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from './parse.ts';

/** Paths of what is wrong with `spec.kubernetes`. */
function wrong(kubernetes: object): string[] {
  const spec = { model: { uri: './digits' }, kubernetes };
  const parsed = parse(JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec }));
  return parsed.ok ? [] : parsed.error.map(({ path }) => path);
}

const to = (cidr: string) => wrong({ network: { to: [{ cidr }] } });

for (const cidr of ['10.0.0.0/8', '0.0.0.0/0', '192.168.1.7/32', '::/0', 'fd00::/8', '2001:db8::1/128'])
  test(`${cidr} is a range of addresses`, () => assert.deepEqual(to(cidr), []));

for (const cidr of [
  '10.0.0.0',
  '10.0.0/8',
  '10.0.0.256/8',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0.0/8',
  'fd00::/129',
  'fd00:::/8',
  'store.example/32',
])
  test(`${cidr} is no range of addresses`, () =>
    assert.deepEqual(to(cidr), ['spec.kubernetes.network.to[0].cidr']));

test('a list of namespaces names one: Kubernetes would read an empty one as all', () => {
  assert.deepEqual(wrong({ network: { from: [] } }), ['spec.kubernetes.network.from']);
  assert.deepEqual(wrong({ network: { from: [{ team: 'vision' }] } }), []);
});

test('what Prometheus looks for a PodMonitor by is no label of ours', () => {
  const labelled = (labels: object) => wrong({ metrics: { podMonitor: { labels } } });
  assert.deepEqual(labelled({ release: 'prometheus' }), []);
  assert.deepEqual(labelled({ app: 'prometheus' }), ['spec.kubernetes.metrics.podMonitor.labels']);
});
