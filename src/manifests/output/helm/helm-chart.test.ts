import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import * as fc from 'fast-check';
import { chartArms, extended } from '../../fixtures/objects.ts';
import { type KubeObject, keyOf } from '../../object.ts';
import { type Answer, ask, missing, written } from '../fixtures/programs.ts';
import { parseObjects } from '../parse/parse-objects.ts';
import { type Path, valueAt, withValue } from '../walk.ts';
import { oddText } from '../yaml/odd-text.arbitrary.ts';
import { helmChart } from './helm-chart.ts';

const options = { name: 'digits', version: '0.1.0', appVersion: '16b18e16', arms: chartArms };
const files = helmChart(extended, options);
const textOf = (path: string): string => files.find(one => one.path === path)?.text ?? '';

const stable = 'Deployment/digits-16b18e16';
const spot = 'Deployment/digits-16b18e16-spot';
const candidate = 'Deployment/digits-c8d52e39';
const gateway = 'Deployment/digits-gateway';
const pod: Path = ['spec', 'template', 'spec'];

test('a chart has a template for each object, and its values in a file that says what each is for', () => {
  assert.equal(files.filter(({ path }) => /^templates\/.*\.yaml$/.test(path)).length, extended.length);
  assert.match(textOf('values.yaml'), /^candidate:\n {2}# Percent of requests.*\n {2}weight: 10\n/m);
  assert.match(textOf('Chart.yaml'), /^apiVersion: v2\n/);
});

test('what is no template is escaped, in keys too', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data: { '{{a}}': '{{b}}\n{{{{c\n' },
  };
  const [text] = helmChart([object], { ...options, arms: [] })
    .filter(({ path }) => path === 'templates/configmap-a.yaml')
    .map(one => one.text);
  assert.match(
    text ?? '',
    /^ {2}"\{\{ "\{\{" \}\}a\}\}": \|\n {4}\{\{ "\{\{" \}\}b\}\}\n {4}(\{\{ "\{\{" \}\}){2}c\n/m,
  );
});

test('a revision without a candidate has no weight to set', () => {
  const alone = extended.filter(({ metadata }) => metadata.name.startsWith('digits-16b18e16'));
  const values = helmChart(alone, { ...options, arms: [chartArms[0]] }).find(
    ({ path }) => path === 'values.yaml',
  );
  assert.doesNotMatch(values?.text ?? '', /candidate|weight/);
});

const skip = missing('helm');

type Built = ReadonlyMap<string, KubeObject>;

const asJson = (objects: readonly KubeObject[]): readonly KubeObject[] => JSON.parse(JSON.stringify(objects));
const byKey = (objects: readonly KubeObject[]): Built =>
  new Map(objects.map(object => [keyOf(object), object]));
const shown = ({ kind, metadata }: KubeObject): string => `${kind}/${metadata.name}`;

function template(context: TestContext, chart: typeof files, set: readonly string[] = []): Answer {
  return ask('helm', [
    'template',
    'any-name',
    written(context, chart),
    ...set.flatMap(one => ['--set-json', one]),
  ]);
}

function built(context: TestContext, chart: typeof files, set: readonly string[] = []): Built {
  const { status, stdout, stderr } = template(context, chart, set);
  assert.equal(status, 0, stderr);
  const found = parseObjects(stdout);
  assert.ok(found.ok, found.ok ? '' : found.error.problem);
  return byKey(found.value);
}

test('Helm finds nothing to complain of', { skip }, context => {
  const { status, stdout } = ask('helm', ['lint', '--strict', written(context, files)]);
  assert.equal(status, 0, stdout);
});

test('with its own values a chart comes to the same objects', { skip }, context => {
  assert.deepEqual(built(context, files), byKey(asJson(extended)));
});

test('whatever a text holds, Helm leaves it as it is', { skip }, context => {
  const data = fc.sample(oddText, { numRuns: 1000, seed: 7 });
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data: Object.fromEntries(
      data.flatMap((text, at) => [
        [`${at}`, text],
        [text, ''],
      ]),
    ),
  };
  assert.deepEqual(built(context, helmChart([object], { ...options, arms: [] })), byKey([object]));
});

interface Case {
  readonly set: readonly string[];
  /** Object, path, and what is there then. */
  readonly gives: readonly (readonly [string, Path, unknown])[];
}

const image = (kind: string): Path => [...pod, kind, 0, 'image'];
const split: Path = ['spec', 'rules', 1, 'backendRefs'];

const cases: readonly Case[] = [
  {
    set: ['candidate.weight=35'],
    gives: [
      ['HTTPRoute/digits', [...split, 0, 'weight'], 65],
      ['HTTPRoute/digits', [...split, 1, 'weight'], 35],
      ['HTTPRoute/digits', ['spec', 'rules', 0, 'backendRefs', 0, 'weight'], 100],
      ['VirtualService/digits', ['spec', 'http', 0, 'route', 0, 'weight'], 65],
      ['VirtualService/digits', ['spec', 'http', 0, 'route', 1, 'weight'], 35],
    ],
  },
  {
    set: ['stable.image={"repository":"mirror.example/digits"}'],
    gives: [
      [stable, image('containers'), `mirror.example/digits@sha256:${'4'.repeat(64)}`],
      [spot, image('containers'), `mirror.example/digits@sha256:${'4'.repeat(64)}`],
      [candidate, image('containers'), 'registry.example:5000/ml/digits:2'],
    ],
  },
  {
    set: ['fairlead.image={"repository":"mirror.example/fairlead","tag":"1","digest":""}'],
    gives: [
      [gateway, image('containers'), 'mirror.example/fairlead:1'],
      [stable, image('initContainers'), 'mirror.example/fairlead:1'],
    ],
  },
  {
    set: ['candidate.replicas=3', 'stable.spot.replicas=1000000', 'gateway.replicas=1'],
    gives: [
      [candidate, ['spec', 'replicas'], 3],
      [spot, ['spec', 'replicas'], 1_000_000],
      [stable, ['spec', 'replicas'], undefined],
      [gateway, ['spec', 'replicas'], 1],
    ],
  },
  {
    set: ['stable.scaling={"min":3,"max":30,"cpu":55}', 'candidate.scaling.average=7.5'],
    gives: [
      ['HorizontalPodAutoscaler/digits-16b18e16', ['spec', 'minReplicas'], 3],
      ['HorizontalPodAutoscaler/digits-16b18e16', ['spec', 'maxReplicas'], 30],
      [
        'HorizontalPodAutoscaler/digits-16b18e16',
        ['spec', 'metrics', 0, 'resource', 'target', 'averageUtilization'],
        55,
      ],
      ['ScaledObject/digits-c8d52e39', ['spec', 'triggers', 0, 'metadata', 'threshold'], '7.5'],
    ],
  },
  {
    set: [
      'stable.resources.limits.memory="2Gi"',
      'stable.nodeSelector={"disk":"yes"}',
      'stable.tolerations=[{"key":"a"}]',
    ],
    gives: [
      [stable, [...pod, 'containers', 0, 'resources', 'limits'], { memory: '2Gi' }],
      [stable, [...pod, 'nodeSelector'], { disk: 'yes' }],
      [stable, [...pod, 'tolerations'], [{ key: 'a' }]],
      [spot, [...pod, 'nodeSelector'], { 'eks.amazonaws.com/capacityType': 'SPOT' }],
    ],
  },
  {
    set: ['stable.env={"A":"yes","B":"{{ no }}"}', 'gateway.env={"A":"1"}'],
    gives: [
      [stable, [...pod, 'containers', 0, 'env', 5], { name: 'A', value: 'yes' }],
      [stable, [...pod, 'containers', 0, 'env', 6], { name: 'B', value: '{{ no }}' }],
      [gateway, [...pod, 'containers', 0, 'env'], [{ name: 'A', value: '1' }]],
    ],
  },
  {
    set: ['pullSecrets=["a","b"]'],
    gives: [
      [stable, [...pod, 'imagePullSecrets'], [{ name: 'a' }, { name: 'b' }]],
      [candidate, [...pod, 'imagePullSecrets'], [{ name: 'a' }, { name: 'b' }]],
    ],
  },
  { set: ['pullSecrets=[]'], gives: [[stable, [...pod, 'imagePullSecrets'], undefined]] },
  {
    set: ['labels={"team":"1"}', 'annotations={"note":"a: b"}', 'podAnnotations={"p":"q"}'],
    gives: [
      ['Service/digits', ['metadata', 'labels', 'team'], '1'],
      [stable, ['spec', 'template', 'metadata', 'labels', 'team'], '1'],
      [stable, ['spec', 'selector', 'matchLabels', 'team'], undefined],
      ['ServiceAccount/digits', ['metadata', 'annotations', 'note'], 'a: b'],
      ['Service/digits', ['metadata', 'annotations'], { note: 'a: b' }],
      [stable, ['spec', 'template', 'metadata', 'annotations', 'p'], 'q'],
      [gateway, ['spec', 'template', 'metadata', 'annotations'], { p: 'q' }],
    ],
  },
  {
    set: [
      'route.parentRefs=[{"name":"inner"}]',
      'route.gateways=["istio-system/public"]',
      'route.hosts=["a.example"]',
    ],
    gives: [
      ['HTTPRoute/digits', ['spec', 'parentRefs'], [{ name: 'inner' }]],
      ['VirtualService/digits', ['spec', 'gateways'], ['istio-system/public']],
      ['VirtualService/digits', ['spec', 'hosts'], ['a.example']],
    ],
  },
];

for (const { set, gives } of cases) {
  test(`what is set arrives: ${set.join(' ')}`, { skip }, context => {
    const objects = new Map([...built(context, files, set).values()].map(object => [shown(object), object]));
    assert.equal(objects.size, extended.length);
    for (const [name, path, expected] of gives)
      assert.deepEqual(valueAt(objects.get(name), path), expected, name);
  });
}

test("a plan of fairlead's own gateway has the weights that are set, and still is one", { skip }, context => {
  const plan = built(context, files, ['candidate.weight=100']).get('/ConfigMap//digits-gateway');
  const arms: unknown = JSON.parse(String(valueAt(plan, ['data', 'plan.json'])));
  assert.deepEqual(
    [0, 1].map(at => valueAt(arms, ['arms', at, 'weight'])),
    [0, 100],
  );
});

const refused = [
  { set: 'candidate.weight=101', fault: /weight/ },
  { set: 'candidate.weight=10.5', fault: /weight/ },
  { set: 'stable.weight=10', fault: /weight/ },
  { set: 'stable.resources=null', fault: /resources/ },
  { set: 'stable.resources={"limit":{}}', fault: /limit/ },
  { set: 'replicaCount=3', fault: /replicaCount/ },
  { set: 'labels={"app":"other"}', fault: /labels/ },
  { set: 'podAnnotations={"prometheus.io/scrape":"false"}', fault: /podAnnotations/ },
  { set: 'stable.env={"AWS_REGION":"x"}', fault: /env/ },
  { set: 'stable.image={"repository":""}', fault: /repository/ },
  { set: 'stable.replicas=2', fault: /replicas/ },
];

for (const { set, fault } of refused) {
  test(`a value is refused: ${set}`, { skip }, context => {
    const { status, stderr } = template(context, files, [set]);
    assert.notEqual(status, 0);
    assert.match(stderr, fault);
  });
}

test('where objects differ in what would be one value, the second keeps its own', { skip }, context => {
  const changed = extended.map(object =>
    shown(object) === candidate
      ? (withValue(object, [...pod, 'imagePullSecrets'], [{ name: 'other' }]) as KubeObject)
      : object,
  );
  assert.deepEqual(built(context, helmChart(changed, options)), byKey(asJson(changed)));
});
