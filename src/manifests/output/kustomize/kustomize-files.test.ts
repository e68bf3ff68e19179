import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { extended } from '../../fixtures/objects.ts';
import { type KubeObject, keyOf } from '../../object.ts';
import { ask, missing, written } from '../fixtures/programs.ts';
import { ordered } from '../order.ts';
import { parseObjects } from '../parse/parse-objects.ts';
import { kustomizeFiles } from './kustomize-files.ts';

const files = kustomizeFiles(extended, { name: 'digits' });
const textOf = (path: string): string => files.find(one => one.path === path)?.text ?? '';

test('each object has a file, which the base names in the order in which they are applied', () => {
  const paths = files.map(({ path }) => path).filter(path => path.startsWith('base/'));
  assert.equal(paths.length, extended.length + 1);
  assert.equal(new Set(paths).size, paths.length);
  assert.match(
    textOf('base/kustomization.yaml'),
    /^resources:\n- serviceaccount-digits\.yaml\n- configmap-/m,
  );
});

test('staging is small and in a namespace of its own, production is as it was', () => {
  assert.match(textOf('overlays/staging/kustomization.yaml'), /^namespace: digits-staging$/m);
  assert.doesNotMatch(textOf('overlays/production/kustomization.yaml'), /^namespace|^patches/m);
});

test('of two objects that would have one file, each is called by its group too', () => {
  const of = (apiVersion: string) => ({ apiVersion, kind: 'Service', metadata: { name: 'a:b' } });
  const paths = kustomizeFiles([of('v1'), of('serving.example/v1')], { name: 'a' }).map(({ path }) => path);
  assert.deepEqual(paths.slice(1, 3), [
    'base/service--service-a-b.yaml',
    'base/service-serving.example-service-a-b.yaml',
  ]);
});

const asJson = (objects: readonly KubeObject[]): readonly KubeObject[] => JSON.parse(JSON.stringify(objects));
const byKey = (objects: readonly KubeObject[]) => new Map(objects.map(object => [keyOf(object), object]));

function built(context: TestContext, all: readonly TextFileLike[], folder: string): readonly KubeObject[] {
  const answer = ask('kubectl', ['kustomize', `${written(context, all)}/${folder}`]);
  assert.equal(answer.status, 0, answer.stderr);
  const found = parseObjects(answer.stdout);
  assert.ok(found.ok);
  return found.value;
}

type TextFileLike = (typeof files)[number];

const skip = missing('kubectl');

test('kustomize builds the base to the same objects', { skip }, context => {
  assert.deepEqual(byKey(built(context, files, 'base')), byKey(asJson(ordered(extended))));
});

test('production adds no more than a label', { skip }, context => {
  const labelled = asJson(extended).map(object => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, environment: 'production' } },
  }));
  assert.deepEqual(byKey(built(context, files, 'overlays/production')), byKey(labelled));
});

test('staging has one pod of each, and hosts in its own namespace', { skip }, context => {
  const host = 'digits-c8d52e39.ml.svc.cluster.local';
  const moved = extended.map(object => ({
    ...object,
    metadata: { ...object.metadata, namespace: 'ml' },
    ...(object.kind === 'VirtualService' && {
      spec: { hosts: [host], http: [{ route: [{ destination: { host } }] }] },
    }),
  }));
  const objects = built(context, kustomizeFiles(moved, { name: 'digits' }), 'overlays/staging');
  const text = JSON.stringify(objects);
  assert.doesNotMatch(text, /"ml"|\.ml\.svc/);
  assert.match(text, /"host":"digits-c8d52e39\.ml-staging\.svc\.cluster\.local"/);
  assert.deepEqual(
    objects
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ spec }) => (spec as { replicas?: number }).replicas),
    [undefined, 1, 1, 1],
  );
  const scaler = objects.find(({ kind }) => kind === 'HorizontalPodAutoscaler');
  assert.match(JSON.stringify(scaler), /"maxReplicas":2,.*"minReplicas":1,/);
});
