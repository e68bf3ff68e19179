import assert from 'node:assert/strict';
import test from 'node:test';
import type { KubeObject } from '../../object.ts';
import { parseObjects } from '../parse/parse-objects.ts';
import { type Path, withValue } from '../walk.ts';
import { differencesOf, diffText } from './diff-text.ts';
import { withoutServerFields } from './live.ts';

const desired: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'digits', labels: { app: 'digits' } },
  spec: {
    replicas: 1,
    strategy: undefined,
    template: {
      spec: {
        imagePullSecrets: [],
        tolerations: [{ key: 'gpu' }],
        containers: [
          {
            name: 'server',
            args: ['serve'],
            env: [{ name: 'A', value: '' }],
            ports: [{ containerPort: 8501 }],
            resources: { limits: { memory: '1024Mi', cpu: '0.5' } },
          },
        ],
      },
    },
  },
};

const leaf = {};
const container = {
  '.': leaf,
  'f:name': leaf,
  'f:args': leaf,
  'f:env': {
    'k:{"name":"A"}': { '.': leaf, 'f:name': leaf, 'f:value': leaf },
    'k:{"name":"GONE"}': { '.': leaf, 'f:name': leaf, 'f:value': leaf },
  },
  'f:ports': { 'k:{"containerPort":8501,"protocol":"TCP"}': { '.': leaf, 'f:containerPort': leaf } },
};
const pod = { 'f:tolerations': leaf, 'f:containers': { 'k:{"name":"server"}': container } };
const fields = {
  'f:metadata': { 'f:labels': { 'f:app': leaf, 'f:old': leaf } },
  'f:spec': { 'f:replicas': leaf, 'f:paused': leaf, 'f:template': { 'f:spec': pod } },
};

const labels = { app: 'digits', old: 'x', theirs: 'y' };

/** As an API server has it, after somebody has added to it, and with what the file does not say any more. */
const live = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'digits',
    namespace: 'ml',
    uid: 'a',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels,
    annotations: { 'deployment.kubernetes.io/revision': '1' },
    managedFields: [
      { manager: 'kubelet', operation: 'Update', fieldsV1: { 'f:spec': { 'f:strategy': leaf } } },
      { manager: 'fairlead', operation: 'Apply', fieldsV1: fields },
    ],
  },
  spec: {
    paused: true,
    replicas: 1,
    strategy: { type: 'RollingUpdate' },
    template: {
      spec: {
        dnsPolicy: 'ClusterFirst',
        tolerations: [{ key: 'gpu', operator: 'Equal' }, { key: 'old' }],
        containers: [
          {
            name: 'server',
            args: ['serve'],
            imagePullPolicy: 'Always',
            env: [{ name: 'A' }, { name: 'GONE', value: '1' }, { name: 'INJECTED', value: '2' }],
            ports: [{ containerPort: 8501, protocol: 'TCP' }],
            resources: { limits: { memory: '1Gi', cpu: '500m' } },
          },
          { name: 'sidecar', image: 'b' },
        ],
      },
    },
  },
  status: { replicas: 1 },
};

const changes = (from: KubeObject, to: KubeObject): string[] =>
  differencesOf([withoutServerFields(from, to)], [to]).flatMap(({ edits }) =>
    edits.filter(({ kind }) => kind !== 'same').map(({ kind, line }) => `${kind} ${line.trim()}`),
  );

test('what we said before and do not say any more is a difference, and nothing that others said', () => {
  assert.deepEqual(changes(live, desired), [
    'gone old: x',
    'gone - key: old',
    'gone - name: GONE',
    'gone value: "1"',
    'gone paused: true',
  ]);
});

test('of an object that we have not applied, only what is said is compared', () => {
  const theirs = { ...live, metadata: { ...live.metadata, managedFields: [] } };
  assert.deepEqual(changes(theirs, desired), ['gone - key: old']);
});

const server: Path = ['spec', 'template', 'spec', 'containers', 0];
const edits: readonly (readonly [Path, unknown, string])[] = [
  [['spec', 'replicas'], 2, 'gone replicas: 1,new replicas: 2'],
  [[...server, 'args', 0], 'other', 'gone - serve,new - other'],
  [[...server, 'env', 0, 'value'], 'x', 'new value: x'],
  [[...server, 'resources', 'limits', 'cpu'], '501m', 'gone cpu: 500m,new cpu: 501m'],
  [['metadata', 'annotations'], { a: 'b' }, 'new annotations:,new a: b'],
];

for (const [path, value, expected] of edits) {
  test(`a difference is seen: ${expected}`, () => {
    const before = changes(live, desired);
    const after = changes(live, withValue(desired, path, value) as KubeObject);
    assert.equal(after.filter(line => !before.includes(line)).join(), expected);
  });
}

test('a namespace that is left to whoever applies is no difference, and one that is said stays', () => {
  assert.equal(withoutServerFields(live, desired).metadata.namespace, undefined);
  const said = { ...desired, metadata: { ...desired.metadata, namespace: 'ml' } };
  assert.equal(withoutServerFields(live, said).metadata.namespace, 'ml');
});

test('what is equal is said to be so', () => {
  const found = parseObjects(
    'apiVersion: v1\nkind: Service\nmetadata: {name: a, uid: b}\nspec: {type: ClusterIP, ports: [{port: 80, protocol: TCP}]}\nstatus: {}',
  );
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a' },
    spec: { ports: [{ port: 80 }] },
  };
  const [first] = found.ok ? found.value : [];
  assert.ok(first);
  assert.equal(diffText([withoutServerFields(first, service)], [service]), 'no difference in 1 object\n');
});
