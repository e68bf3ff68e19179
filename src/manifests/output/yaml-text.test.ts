import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { extended } from '../fixtures/objects.ts';
import type { KubeObject } from '../object.ts';
import { ask, missing, written } from './fixtures/programs.ts';
import { oddText } from './yaml/odd-text.arbitrary.ts';
import { yamlText } from './yaml-text.ts';

const versions = ['1.1', '1.2'] as const;

const read = (text: string, version: '1.1' | '1.2'): unknown[] =>
  [...parseAllDocuments(text, { version })].map(document => {
    assert.deepEqual([...document.errors, ...document.warnings], []);
    return document.toJS();
  });

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('an object is written as people write one', () => {
  const object = {
    metadata: { labels: { component: 'server', app: 'digits' }, name: 'digits' },
    kind: 'ConfigMap',
    data: { 'b.json': '{"a":1}', a: 'one\ntwo\n', name: 'no' },
    immutable: undefined,
    apiVersion: 'v1',
  };
  const text = `apiVersion: v1
kind: ConfigMap
metadata:
  name: digits
  labels:
    app: digits
    component: server
data:
  a: |
    one
    two
  b.json: '{"a":1}'
  name: "no"
`;
  assert.equal(yamlText([object]), text);
  assert.equal(yamlText([object, object]), `${text}---\n${text}`);
});

test('lists stand below their key, in lists too, and what is empty is written as such', () => {
  const spec = { list: [{ value: 'x', name: 'a' }, [1, [2]], [], {}, 'b', null], map: {}, none: [] };
  assert.equal(
    yamlText([{ apiVersion: 'v1', kind: 'A', metadata: { name: 'a' }, spec }]).split('spec:\n')[1],
    `  list:
  - name: a
    value: x
  - - 1
    - - 2
  - []
  - {}
  - b
  - null
  map: {}
  none: []
`,
  );
});

for (const version of versions) {
  test(`objects of a service are read as what they are by YAML ${version}`, () => {
    assert.deepEqual(read(yamlText(extended), version), asJson(extended));
  });
}

/** What JSON can hold, without a key that YAML wants no longer than 1,024 characters. */
const { value } = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    oddText,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => number + 0),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(oddText, tie('value'), { maxKeys: 4 }),
  ),
}));

const object: fc.Arbitrary<KubeObject> = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constant('Any'),
  metadata: fc.record({ name: oddText, labels: fc.dictionary(oddText, oddText) }),
  spec: value,
});

for (const version of versions) {
  test(`whatever an object holds, YAML ${version} reads the same`, () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 3 }), objects => {
        assert.deepEqual(read(yamlText(objects), version), asJson(objects));
      }),
      { numRuns: 300 },
    );
  });
}

test('the text is the same whatever the order of members', () => {
  const turned = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(turned);
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(
      Object.entries(inner)
        .toReversed()
        .map(([key, member]) => [key, turned(member)]),
    );
  };
  assert.equal(yamlText(extended.map(turned) as KubeObject[]), yamlText(extended));
});

const skip = missing('kubectl');

test('kubectl reads the same, whatever a text holds', { skip }, context => {
  const odd = fc.sample(oddText, { numRuns: 2000, seed: 7 });
  const data = Object.fromEntries(odd.flatMap((one, at) => [[`key-${at}`, one]]));
  const annotations = Object.fromEntries(odd.map(one => [one, 'a']));
  const metadata = { name: 'odd', labels: { a: 'b' }, annotations };
  const objects = [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }];
  const folder = written(context, [{ path: 'odd.yaml', text: yamlText(objects) }]);
  const args = ['label', '--local', '--overwrite', '-o', 'json', '-f', join(folder, 'odd.yaml'), 'a=b'];
  const { status, stdout, stderr } = ask('kubectl', args);
  assert.equal(status, 0, stderr);
  assert.deepEqual(asJson([JSON.parse(stdout)]), asJson(objects));
});
