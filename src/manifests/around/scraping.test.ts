import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import type { Release } from '../release.ts';
import { scrapingOf } from './scraping.ts';

const podMonitor = { labels: { release: 'prometheus' } };
const asked = (spec: object, more: object = {}) => ({
  ...spec,
  kubernetes: { metrics: { podMonitor: { ...podMonitor, ...more } } },
});

test('no PodMonitor is made where none is asked for', () => {
  assert.deepEqual(scrapingOf(releaseOf({})), []);
  assert.deepEqual(scrapingOf(releaseOf({ kubernetes: { metrics: { none: {} } } })), []);
});

test('the servers of all revisions are read by one PodMonitor', () => {
  const [monitor, second] = scrapingOf(releaseOf(asked({}, { interval: '1500ms' })));
  assert.equal(second, undefined);
  assert.equal(monitor?.metadata.name, 'digits');
  assert.equal(monitor.metadata.labels?.['release'], 'prometheus');
  assert.equal(monitor.metadata.labels['app'], 'digits');
  assert.deepEqual(monitor['spec'], {
    selector: { matchLabels: { app: 'digits', component: 'server' } },
    podTargetLabels: ['app', 'version'],
    podMetricsEndpoints: [{ port: 'http', path: '/metrics', interval: '1500ms', scheme: 'http' }],
  });
});

const pages: readonly (readonly [what: string, spec: object, page: object])[] = [
  ["Triton's", { runtime: { triton: {} } }, { port: 'metrics', path: '/metrics' }],
  [
    "TensorFlow Serving's",
    { runtime: { tensorflowServing: {} } },
    { port: 'http', path: '/monitoring/prometheus/metrics' },
  ],
];

for (const [what, spec, page] of pages)
  test(`a page is read where it lies: ${what}`, () => {
    const [monitor] = scrapingOf(releaseOf(asked(spec)));
    assert.deepEqual(monitor?.['spec'], {
      selector: { matchLabels: { app: 'digits', component: 'server' } },
      podTargetLabels: ['app', 'version'],
      podMetricsEndpoints: [{ ...page, interval: '15s', scheme: 'http' }],
    });
  });

test('behind TLS and credentials, a key is shown to whoever has the address of the pod', () => {
  const server = {
    tls: { certificate: 'c.pem', key: 'k.pem' },
    auth: { admin: { keys: { file: 'keys.yaml' } } },
  };
  const [monitor] = scrapingOf(releaseOf(asked({ server }, { credentials: 'scrape' })));
  assert.partialDeepStrictEqual(monitor?.['spec'], {
    podMetricsEndpoints: [
      {
        port: 'https',
        scheme: 'https',
        tlsConfig: { insecureSkipVerify: true },
        authorization: { type: 'Bearer', credentials: { name: 'scrape', key: 'token' } },
      },
    ],
  });
});

test('of the gateway its own series are read, for its page has those of the servers too', () => {
  const spec = asked({ candidate: { model: { uri: './new' }, weight: 10 } }, { credentials: 'scrape' });
  const [, monitor] = scrapingOf(releaseOf(spec));
  assert.ok(!JSON.stringify(monitor).includes('authorization'), 'it asks for no credentials');
  assert.equal(monitor?.metadata.name, 'digits-gateway');
  assert.partialDeepStrictEqual(monitor['spec'], {
    selector: { matchLabels: { app: 'digits', component: 'gateway' } },
    podMetricsEndpoints: [
      { port: 'http', path: '/metrics', metricRelabelings: [{ regex: 'gateway_.+', action: 'keep' }] },
    ],
  });
});

test('revisions whose pages lie elsewhere are each read at their own', () => {
  const traffic = { candidate: { model: { uri: './new' }, weight: 10 }, traffic: { istio: {} } };
  const [stable] = releaseOf(asked(traffic)).arms;
  const [, other] = releaseOf(asked({ ...traffic, runtime: { triton: {} } })).arms;
  assert.ok(other);
  const release: Release = { ...releaseOf(asked(traffic)), arms: [stable, other] };
  const only = (regex: string) => ({
    relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_label_version'], regex, action: 'keep' }],
  });
  assert.partialDeepStrictEqual(scrapingOf(release)[0]?.['spec'], {
    podMetricsEndpoints: [
      { port: 'http', ...only(stable.deployed.revision.name) },
      { port: 'metrics', ...only(other.deployed.revision.name) },
    ],
  });
});
