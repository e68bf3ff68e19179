import assert from 'node:assert/strict';
import test from 'node:test';
import { deploymentOf, deploymentsOf, podOf } from '../fixtures/deployment.ts';
import { releaseOf } from '../fixtures/release.ts';

const runtimes: readonly { name: string; spec: object }[] = [
  { name: "fairlead's own", spec: {} },
  { name: 'one that pulls', spec: { model: { uri: 's3://b/m/1' } } },
  { name: 'Triton', spec: { runtime: { triton: {} }, model: { uri: 's3://b/m/1' } } },
  {
    name: "a user's own",
    spec: { runtime: { custom: { image: 'acme/server:1', protocol: 'v2' } } },
  },
];

for (const { name, spec } of runtimes)
  test(`a pod of ${name} passes the restricted profile, with a root that nobody writes`, () => {
    const pod = podOf(spec);
    assert.deepEqual(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const container of [...pod.containers, ...(pod.initContainers ?? [])])
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    assert.equal(pod.automountServiceAccountToken, false);
    assert.equal(pod.enableServiceLinks, false);
  });

test('a port that is usually root’s is opened for all, since no container has rights', () => {
  const custom = { image: 'acme/server:1', protocol: 'v2', ports: { http: 80 } };
  const { securityContext } = podOf({ runtime: { custom } });
  assert.deepEqual(securityContext['sysctls'], [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }]);
});

const said = {
  pullSecrets: ['registry', 'mirror'],
  serviceAccount: { name: 'reader' },
  nodeSelector: { disk: 'fast' },
  tolerations: [{ key: 'team', value: 'vision', effect: 'NoSchedule' }, { key: 'spare' }, {}],
  priorityClass: 'high',
  runtimeClass: 'nvidia',
  annotations: { 'acme.example/owner': 'vision' },
};

test('what the file says of pods is what they have', () => {
  const { spec, metadata } = deploymentOf({ kubernetes: said }).spec.template;
  assert.deepEqual(spec.imagePullSecrets, [{ name: 'registry' }, { name: 'mirror' }]);
  assert.equal(spec.serviceAccountName, 'reader');
  assert.deepEqual(spec.nodeSelector, { disk: 'fast' });
  assert.deepEqual(spec.tolerations, [
    { key: 'team', operator: 'Equal', value: 'vision', effect: 'NoSchedule' },
    { key: 'spare', operator: 'Exists' },
    { operator: 'Exists' },
  ]);
  assert.equal(spec.priorityClassName, 'high');
  assert.equal(spec.runtimeClassName, 'nvidia');
  assert.equal(metadata.annotations?.['acme.example/owner'], 'vision');
});

test('pods of a card have its limit, its tolerations and its labels beside those of the file', () => {
  const pod = podOf({
    resources: { gpu: { count: 2, product: 'NVIDIA-L4' } },
    kubernetes: { nodeSelector: { disk: 'fast' } },
  });
  assert.equal(pod.containers[0].resources.limits['nvidia.com/gpu'], '2');
  assert.deepEqual(pod.nodeSelector, { 'nvidia.com/gpu.product': 'NVIDIA-L4', disk: 'fast' });
  assert.equal(pod.tolerations?.length, 1);
});

test('Prometheus finds metrics by annotations, at the port that has them', () => {
  const scraped = (spec: object) => deploymentOf(spec).spec.template.metadata.annotations;
  assert.deepEqual(scraped({}), {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': '8501',
    'prometheus.io/path': '/metrics',
    'prometheus.io/scheme': 'http',
  });
  assert.equal(scraped({ runtime: { triton: {} } })?.['prometheus.io/port'], '8002');
  assert.equal(scraped({ kubernetes: { metrics: { none: {} } } }), undefined);
  const custom = { image: 'acme/server:1', protocol: 'v2' };
  assert.equal(scraped({ runtime: { custom } }), undefined);
});

test('pods are spread over zones and nodes among their own Deployment, and run where that cannot be', () => {
  const [steady, spot] = deploymentsOf(releaseOf({ replicas: 2, capacity: { spot: { cloud: 'eks' } } }));
  for (const one of [steady, spot])
    assert.deepEqual(
      one?.spec.template.spec.topologySpreadConstraints.map(spread => [
        spread.topologyKey,
        spread.whenUnsatisfiable,
        spread.labelSelector.matchLabels,
      ]),
      ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map(key => [
        key,
        'ScheduleAnyway',
        one?.spec.selector.matchLabels,
      ]),
    );
});
