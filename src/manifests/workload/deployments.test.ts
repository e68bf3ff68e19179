import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { deploymentOf, deploymentsOf } from '../fixtures/deployment.ts';
import { releaseOf } from '../fixtures/release.ts';
import { podRefusals } from '../pod/refusals.ts';

test('a revision without spot machines is one Deployment of its name', () => {
  const { metadata, spec } = deploymentOf({ replicas: 3, kubernetes: { labels: { team: 'vision' } } });
  assert.match(metadata.name, /^digits-[0-9a-f]{8}$/);
  assert.equal(spec.replicas, 3);
  assert.deepEqual(spec.selector.matchLabels, {
    app: 'digits',
    component: 'server',
    version: metadata.name,
    'fairlead.dev/tier': 'steady',
  });
  assert.equal(metadata.labels?.['team'], 'vision');
  assert.equal(spec.template.metadata.labels['team'], 'vision');
});

test('where an autoscaler says how many pods there are, the Deployment does not', () => {
  const scaling = { min: 2, max: 9, cpu: 70 };
  assert.equal(deploymentOf({ scaling }).spec.replicas, undefined);
  const both = deploymentsOf(releaseOf({ scaling, capacity: { spot: { cloud: 'eks', floor: 1 } } }));
  assert.deepEqual(
    both.map(({ spec }) => spec.replicas),
    [1, undefined],
  );
});

test('the floor is kept off machines that go, and the rest is on these alone', () => {
  const [steady, spot] = deploymentsOf(
    releaseOf({ replicas: 3, server: { drain: { grace: '15s' } }, capacity: { spot: { cloud: 'aks' } } }),
  );
  const affinity = (operator: string) => ({
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          {
            matchExpressions: [{ key: 'kubernetes.azure.com/scalesetpriority', operator, values: ['spot'] }],
          },
        ],
      },
    },
  });
  assert.deepEqual(steady?.spec.template.spec.affinity, affinity('NotIn'));
  assert.equal(steady?.spec.template.spec.tolerations, undefined);
  assert.deepEqual(spot?.spec.template.spec.affinity, affinity('In'));
  assert.deepEqual(spot?.spec.template.spec.tolerations, [
    {
      key: 'kubernetes.azure.com/scalesetpriority',
      operator: 'Equal',
      value: 'spot',
      effect: 'NoSchedule',
    },
  ]);
});

const gpu = { resources: { gpu: { count: 1 } } };
const before = { maxSurge: '25%', maxUnavailable: 0 };
const after = { maxSurge: 0, maxUnavailable: 1 };

for (const { name, spec, update } of [
  { name: 'comes before an old one goes', spec: {}, update: before },
  { name: 'with a GPU comes after, for there may be no free card', spec: gpu, update: after },
  { name: 'comes after where the file says so', spec: { kubernetes: { surge: 'after' } }, update: after },
  {
    name: 'with a GPU comes before where the file says so',
    spec: { ...gpu, kubernetes: { surge: 'before' } },
    update: before,
  },
])
  test(`a new pod ${name}`, () => {
    assert.deepEqual(deploymentOf(spec).spec.strategy.rollingUpdate, update);
  });

test('a rollout has failed only after pods have had their time to pull and to load', () => {
  const { spec } = deploymentOf({ kubernetes: { startup: '10m' } });
  assert.ok(spec.progressDeadlineSeconds > 2 * 600 + spec.minReadySeconds);
});

/** What does not make another revision of a service. */
const around = fc.record(
  {
    replicas: fc.integer({ min: 0, max: 9 }),
    resources: fc.constantFrom({ cpu: '2', memory: '2Gi' }, gpu.resources),
    capacity: fc.constantFrom(
      { spot: { cloud: 'eks', floor: 1 } },
      { spot: { cloud: 'karpenter', floor: 0 } },
      { spot: { cloud: 'eks', floor: 5 } },
    ),
    kubernetes: fc.record(
      {
        labels: fc.constantFrom({ team: 'a' }, { team: 'b' }),
        env: fc.constantFrom({ A: '1' }, {}),
        startup: fc.constantFrom('1m', '10m'),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

test('what a Deployment selects never changes while its name stays, whatever a file comes to say', () => {
  fc.assert(
    fc.property(fc.array(around, { minLength: 2, maxLength: 4 }), specs => {
      const selectors = new Map<string, string>();
      for (const one of specs.flatMap(spec => deploymentsOf(releaseOf(spec)))) {
        const selector = JSON.stringify(one.spec.selector);
        assert.equal(selectors.get(one.metadata.name) ?? selector, selector);
        selectors.set(one.metadata.name, selector);
      }
    }),
    { numRuns: 40 },
  );
});

const places = fc.constantFrom('./m', 's3://b/m/3', 'pvc://claim/m/3', 'oci://registry.example/m:1');
const services = fc.record(
  {
    models: fc.uniqueArray(fc.record({ name: fc.constantFrom('a', 'b', 'c'), uri: places }), {
      selector: one => one.name,
      minLength: 1,
    }),
    runtime: fc.constantFrom({}, { triton: {} }, { tensorflowServing: { batching: 'b' } }),
    kubernetes: fc.constantFrom({}, { models: 'volume' }, { models: 'image' }, { temporary: '2Gi' }),
  },
  { requiredKeys: ['models'] },
);

test('every mount has its volume, no volume is idle, and no two mounts are at one path', () => {
  fc.assert(
    fc.property(services, spec => {
      const release = releaseOf(spec);
      fc.pre(podRefusals(release).length === 0);
      for (const { spec: deployed } of deploymentsOf(release)) {
        const { volumes, containers, initContainers = [] } = deployed.template.spec;
        const names = volumes.map(({ name }) => name);
        const all = [...containers, ...initContainers];
        assert.deepEqual(
          new Set(all.flatMap(one => one.volumeMounts.map(({ name }) => name))),
          new Set(names),
        );
        assert.equal(new Set(names).size, names.length);
        for (const { volumeMounts } of all) {
          const paths = volumeMounts.map(({ mountPath }) => mountPath);
          assert.equal(new Set(paths).size, paths.length);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('pods are what the Deployment selects, and the same file gives the same bytes', () => {
  fc.assert(
    fc.property(services, spec => {
      const release = releaseOf(spec);
      const [first] = deploymentsOf(release);
      const labels = first?.spec.template.metadata.labels;
      assert.deepEqual({ ...labels, ...first?.spec.selector.matchLabels }, labels);
      assert.equal(JSON.stringify(deploymentsOf(releaseOf(spec))), JSON.stringify(deploymentsOf(release)));
    }),
    { numRuns: 20 },
  );
});
