import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { releaseOf } from '../fixtures/release.ts';
import type { KubeObject } from '../object.ts';
import { tiersOf } from '../workload/tiers.ts';
import { autoscalersOf } from './autoscalers.ts';
import { quantityOf } from './horizontal.ts';

const scalers = (spec: object): readonly KubeObject[] => {
  const release = releaseOf(spec);
  return release.arms.flatMap(arm => autoscalersOf(release, arm));
};

/** What the first one has at a path of members and numbers. */
function at(spec: object, path: string): unknown {
  const inner = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).find(([name]) => name === key)?.[1]
      : undefined;
  return path.split('.').reduce(inner, scalers(spec)[0]);
}

const cpu = { max: 10, cpu: 70 };
const prometheus = { server: 'http://prometheus:9090', query: 'sum(queue)', average: 0.5 };
const nameOf = (spec: object, role = 0) => releaseOf(spec).arms[role]?.deployed.revision.name ?? '';

test('a service with a number of pods has no autoscaler', () =>
  assert.deepEqual(scalers({ replicas: 3 }), []));

const metrics: readonly (readonly [what: string, spec: object, metric: object])[] = [
  [
    "cores, of the server's container alone",
    { scaling: cpu },
    {
      type: 'ContainerResource',
      containerResource: {
        name: 'cpu',
        container: 'server',
        target: { type: 'Utilization', averageUtilization: 70 },
      },
    },
  ],
  [
    'predictions in flight',
    { scaling: { max: 10, inFlight: 8 } },
    {
      type: 'Pods',
      pods: {
        metric: { name: 'predictions_in_flight' },
        target: { type: 'AverageValue', averageValue: '8' },
      },
    },
  ],
  [
    "Triton's requests that wait",
    { scaling: { max: 10, inFlight: 8 }, runtime: { triton: {} } },
    {
      type: 'Pods',
      pods: {
        metric: { name: 'nv_inference_pending_request_count' },
        target: { type: 'AverageValue', averageValue: '8' },
      },
    },
  ],
  [
    'a metric from outside',
    { scaling: { max: 10, external: { metric: 'queue', labels: { name: 'digits' }, average: 2.5 } } },
    {
      type: 'External',
      external: {
        metric: { name: 'queue', selector: { matchLabels: { name: 'digits' } } },
        target: { type: 'AverageValue', averageValue: '2500m' },
      },
    },
  ],
];

for (const [what, spec, metric] of metrics)
  test(`pods are scaled by ${what}`, () => {
    assert.equal(at(spec, 'kind'), 'HorizontalPodAutoscaler');
    assert.deepEqual(at(spec, 'spec.metrics'), [metric]);
  });

test('a query of Prometheus that has no answer never takes pods away', () => {
  const spec = { scaling: { max: 10, prometheus } };
  assert.equal(at(spec, 'kind'), 'ScaledObject');
  assert.deepEqual(at(spec, 'spec.triggers'), [
    {
      type: 'prometheus',
      metricType: 'AverageValue',
      metadata: {
        serverAddress: 'http://prometheus:9090',
        query: 'sum(queue)',
        threshold: '0.5',
        ignoreNullValues: 'false',
      },
    },
  ]);
  assert.deepEqual(at(spec, 'spec.fallback'), {
    failureThreshold: 3,
    replicas: 1,
    behavior: 'currentReplicas',
  });
});

test('a service may have no pods while nothing is asked of it', () => {
  const spec = {
    scaling: { min: 0, max: 10, prometheus: { ...prometheus, activation: 3 }, down: { window: '2m' } },
  };
  assert.equal(at(spec, 'spec.minReplicaCount'), 0);
  assert.equal(at(spec, 'spec.cooldownPeriod'), 120);
  assert.equal(at(spec, 'spec.triggers.0.metadata.activationThreshold'), '3');
  assert.equal(at(spec, 'spec.fallback.replicas'), 1);
});

test('what is fallen back to counts the pods that stay', () => {
  const scaling = { min: 2, max: 10, prometheus: { ...prometheus, fallback: 6 } };
  const spec = { scaling, capacity: { spot: { cloud: 'gke', floor: 2 } } };
  assert.deepEqual(at(spec, 'spec.fallback'), { failureThreshold: 3, replicas: 4, behavior: 'static' });
});

test('pods come at once and go slowly, over the windows of the file', () => {
  const spec = { scaling: { ...cpu, up: { window: '30s' }, down: { window: '10m' } } };
  assert.equal(at(spec, 'spec.behavior.scaleUp.stabilizationWindowSeconds'), 30);
  assert.equal(at(spec, 'spec.behavior.scaleDown.stabilizationWindowSeconds'), 600);
  const keda = at(
    { scaling: { max: 10, prometheus } },
    'spec.advanced.horizontalPodAutoscalerConfig.behavior',
  );
  assert.deepEqual(keda, at({ scaling: cpu }, 'spec.behavior'));
});

test('a candidate is scaled by itself, from its own number of pods', () => {
  const spec = {
    scaling: { min: 3, ...cpu },
    candidate: { model: { uri: './new' }, weight: 10, replicas: 2 },
  };
  const told = scalers(spec).map(({ metadata, spec: said }) => [metadata.name, said]);
  assert.partialDeepStrictEqual(told, [
    [nameOf(spec), { minReplicas: 3, maxReplicas: 10, scaleTargetRef: { name: nameOf(spec) } }],
    [nameOf(spec, 1), { minReplicas: 2, maxReplicas: 10, scaleTargetRef: { name: nameOf(spec, 1) } }],
  ]);
});

for (const scaling of [cpu, { min: 0, max: 5, prometheus }])
  for (const capacity of [{}, { capacity: { spot: { cloud: 'gke', floor: 0 } } }])
    test(`a candidate of no pods is not scaled: ${JSON.stringify({ ...scaling, ...capacity })}`, () => {
      const candidate = { model: { uri: './new' }, weight: 0, replicas: 0 };
      const release = releaseOf({ scaling, candidate, ...capacity });
      const [, trial] = release.arms;
      assert.ok(trial !== undefined);
      assert.deepEqual(autoscalersOf(release, trial), []);
      const told = tiersOf(trial).map(({ replicas }) => replicas);
      assert.deepEqual([...new Set(told)], [0]);
    });

test('with a floor of pods that stay, only the others are scaled', () => {
  const spec = { scaling: { min: 3, ...cpu }, capacity: { spot: { cloud: 'gke', floor: 2 } } };
  const [scaler, second] = scalers(spec);
  assert.equal(second, undefined);
  assert.partialDeepStrictEqual(scaler?.['spec'], {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: `${nameOf(spec)}-spot` },
    minReplicas: 1,
    maxReplicas: 8,
  });
});

const numbers: readonly (readonly [value: number, text: string])[] = [
  [8, '8'],
  [2.5, '2500m'],
  [0.1, '100m'],
  [1e-7, '100n'],
  [1e-12, '1n'],
  [1e21, '1000000000000000000000'],
];

for (const [value, text] of numbers)
  test(`a target of ${value} is written as ${text}`, () => assert.equal(quantityOf(value), text));

test('a target keeps its value', () => {
  const units: Readonly<Record<string, number>> = { '': 1, m: 1e3, u: 1e6, n: 1e9 };
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), value => {
      const [, digits, unit = ''] = /^([1-9]\d*)([mun]?)$/.exec(quantityOf(value)) ?? [];
      const read = Number(digits) / (units[unit] ?? Number.NaN);
      assert.ok(Math.abs(read - value) <= Math.max(1e-9, value * 1e-9), `${value} is written as ${read}`);
    }),
  );
});
