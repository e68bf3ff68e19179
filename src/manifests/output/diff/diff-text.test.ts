import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { extended } from '../../fixtures/objects.ts';
import type { KubeObject } from '../../object.ts';
import { withValue } from '../walk.ts';
import { differencesOf, diffText } from './diff-text.ts';

const map = (name: string, data: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'ml' },
  data,
});

const containers = (image: string, args: readonly string[]) => ({
  spec: { initContainers: [{ name: 'pull', image: 'a' }], containers: [{ name: 'server', image, args }] },
});

const deployment = (image: string, args: readonly string[]): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'digits' },
  spec: { replicas: 1, template: containers(image, args) },
});

test('what changes is shown with the lines around it and the place that it lies at', () => {
  const before = [map('old', { a: '1' }), deployment('one', ['a', 'b', 'c', 'd', 'e'])];
  const after = [deployment('one', ['a', 'b', 'c', 'd', 'f']), map('new', { b: '2' })];
  const expected = `+ ConfigMap ml/new
+   apiVersion: v1
+   kind: ConfigMap
+   metadata:
+     name: new
+     namespace: ml
+   data:
+     b: "2"

- ConfigMap ml/old
-   apiVersion: v1
-   kind: ConfigMap
-   metadata:
-     name: old
-     namespace: ml
-   data:
-     a: "1"

~ Deployment digits
@ spec.template.spec.containers[server].args
            - b
            - c
            - d
-           - e
+           - f

1 added, 1 changed, 1 removed, 0 the same
`;
  assert.equal(diffText(before, after), expected);
});

test('changes that are far from each other have a place each', () => {
  const first = { ...deployment('one', ['a', 'b', 'c', 'd', 'e']) };
  const second = withValue(
    withValue(first, ['metadata', 'labels'], { a: 'b' }),
    ['spec', 'template', 'spec', 'containers', 0, 'args', 4],
    'f',
  );
  const places = diffText([first], [second as KubeObject]).match(/^@ .*$/gm);
  assert.deepEqual(places, ['@ metadata', '@ spec.template.spec.containers[server].args']);
});

test('the order of members and of objects is no difference', () => {
  const turned = extended.toReversed().map(object => Object.fromEntries(Object.entries(object).toReversed()));
  assert.equal(
    diffText(extended, turned as unknown as KubeObject[]),
    `no difference in ${extended.length} objects\n`,
  );
});

test('what a Secret holds is not shown, but that it changes is', () => {
  const secret = (data: object) => ({ ...map('keys', data), kind: 'Secret' });
  const text = diffText([secret({ a: 'b2xk', b: 'c2FtZQ==' })], [secret({ a: 'bmV3', b: 'c2FtZQ==' })]);
  assert.match(text, /^- {5}a: "\*\*\* \(before\)"\n\+ {5}a: "\*\*\* \(after\)"\n {6}b: "\*\*\*"$/m);
  assert.doesNotMatch(text, /b2xk|bmV3|c2FtZQ/);
  assert.doesNotMatch(diffText([], [secret({ a: 'bmV3' })]), /bmV3/);
});

test('in colour, lines have the colour of their mark, and nothing else changes', () => {
  const [before, after] = [[map('a', { a: '1' })], [map('a', { a: '2' })]];
  const text = diffText(before, after, { colour: true });
  assert.ok(text.includes('\x1b[31m-     a: "1"\x1b[0m\n\x1b[32m+     a: "2"\x1b[0m\n'));
  assert.equal(stripVTControlCharacters(text), diffText(before, after));
});

const some = fc.subarray([...extended]);

test('an object is added, removed or the same by whether it was there before and after', () => {
  fc.assert(
    fc.property(some, some, (before, after) => {
      for (const { kind, object } of differencesOf(before, after)) {
        const [was, is] = [before.includes(object), after.includes(object)];
        assert.equal(kind, was && is ? 'same' : was ? 'removed' : 'added');
      }
    }),
    { numRuns: 20 },
  );
});
