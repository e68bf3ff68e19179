/** Whole services of many kinds: kustomize and Helm come to what is rendered plain. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { type KubeObject, keyOf } from '../object.ts';
import { objectsOf } from '../objects.ts';
import type { Release } from '../release.ts';
import { ask, missing, written } from './fixtures/programs.ts';
import { helmChart } from './helm/helm-chart.ts';
import { kustomizeFiles } from './kustomize/kustomize-files.ts';
import { parseObjects } from './parse/parse-objects.ts';
import type { TextFile } from './text-file.ts';
import { yamlText } from './yaml-text.ts';

const candidate = { model: { uri: './models/other' }, weight: 20 };
const kubernetes = {
  pullSecrets: ['registry'],
  env: { REGION: 'no' },
  annotations: { 'example.dev/note': '{{ not a template }}' },
  labels: { team: 'on' },
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'spot' }],
};

const services: readonly { readonly name: string; readonly spec: object }[] = [
  { name: 'one revision', spec: { replicas: 2 } },
  { name: 'all that a cluster has', spec: { kubernetes, scaling: { max: 10, cpu: 70 } } },
  { name: "fairlead's own gateway", spec: { candidate, kubernetes } },
  {
    name: 'a Gateway',
    spec: {
      candidate,
      traffic: { gatewayApi: { gateway: { name: 'public' }, hosts: ['a.example'], grpc: true } },
    },
  },
  { name: 'Istio', spec: { candidate, traffic: { istio: { subsets: true }, sticky: {} } } },
  {
    name: 'pods alone',
    spec: { replicas: 4, candidate: { ...candidate, replicas: 1 }, traffic: { replicas: {} } },
  },
  { name: 'spot machines', spec: { replicas: 4, capacity: { spot: { cloud: 'eks', floor: 1 } } } },
  {
    name: 'KEDA',
    spec: {
      scaling: { max: 4, prometheus: { server: 'http://prometheus:9090', query: 'sum(a) > 0', average: 5 } },
    },
  },
  {
    name: 'a gateway that asks for credentials before another server',
    spec: {
      runtime: { triton: {} },
      candidate,
      server: {
        auth: { predict: { jwt: { issuer: 'i', audience: 'a', jwks: './jwks.json' } } },
        tls: { certificate: 'a.crt', key: 'a.key' },
      },
      kubernetes: { secrets: { tls: 'cert' } },
    },
  },
  {
    name: 'a card and a model that is pulled',
    spec: { model: { uri: 's3://b/m' }, resources: { gpu: { count: 1 } } },
  },
];

type Whole = { readonly release: Release; readonly objects: readonly KubeObject[] };

function wholeOf(spec: object, namespace?: string): Whole {
  const release = releaseOf(spec, namespace === undefined ? {} : { namespace });
  const found = objectsOf(release);
  assert.ok(found.ok, found.ok ? '' : JSON.stringify(found.error));
  return { release, objects: found.value };
}

const byKey = (objects: readonly KubeObject[]): ReadonlyMap<string, unknown> =>
  new Map(objects.map(object => [keyOf(object), JSON.parse(JSON.stringify(object)) as unknown]));

function read(text: string): ReadonlyMap<string, unknown> {
  const found = parseObjects(text);
  assert.ok(found.ok, found.ok ? '' : found.error.problem);
  return byKey(found.value);
}

const chartOf = ({ release, objects }: Whole): readonly TextFile[] =>
  helmChart(objects, {
    name: release.name,
    version: '0.1.0',
    appVersion: '1',
    arms: release.arms.map(({ role, deployed }) => ({ role, revision: deployed.revision.name })),
  });

/** What a program makes of a folder. */
function built(command: readonly [string, ...string[]], folder: string): ReadonlyMap<string, unknown> {
  const [program, ...verb] = command;
  const { status, stdout, stderr } = ask(program, [...verb, folder]);
  assert.equal(status, 0, stderr);
  return read(stdout);
}

for (const { name, spec } of services) {
  test(`${name}: YAML is read as what it was written of`, () => {
    const { objects } = wholeOf(spec);
    assert.deepEqual(read(yamlText(objects)), byKey(objects));
  });

  test(`${name}: kustomize builds the same objects`, { skip: missing('kubectl') }, context => {
    const { objects } = wholeOf(spec, 'ml');
    const folder = written(context, kustomizeFiles(objects, { name: 'digits' }));
    assert.deepEqual(built(['kubectl', 'kustomize'], `${folder}/base`), byKey(objects));
    const staging = built(['kubectl', 'kustomize'], `${folder}/overlays/staging`);
    assert.doesNotMatch(JSON.stringify([...staging]), /\bml\b(?!-staging)/);
  });

  test(`${name}: Helm writes the same objects`, { skip: missing('helm') }, context => {
    const whole = wholeOf(spec);
    const folder = written(context, chartOf(whole));
    assert.deepEqual(built(['helm', 'template', 'any'], folder), byKey(whole.objects));
  });
}

const routed = services.filter(
  ({ spec }) => 'candidate' in spec && !JSON.stringify(spec).includes('"replicas":{}'),
);

for (const { name, spec } of routed) {
  test(`${name}: a weight that is set is the weight of every split`, { skip: missing('helm') }, context => {
    const folder = written(context, chartOf(wholeOf(spec)));
    const set = built(['helm', 'template', 'any', '--set', 'candidate.weight=37'], folder);
    const { objects } = wholeOf({ ...spec, candidate: { ...candidate, weight: 37 } });
    assert.deepEqual(set, byKey(objects));
  });
}
