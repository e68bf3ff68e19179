import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { extended } from '../../fixtures/objects.ts';
import { renderJson } from '../json-text.ts';
import { yamlText } from '../yaml-text.ts';
import { parseObjects } from './parse-objects.ts';

const map = (name: string, data: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

function read(text: string): unknown {
  const found = parseObjects(text);
  assert.ok(found.ok, found.ok ? '' : JSON.stringify(found.error));
  return found.value;
}

const written = JSON.parse(JSON.stringify(extended)) as unknown;

test('what was written is read again, as YAML and as a list of JSON', () => {
  assert.deepEqual(read(yamlText(extended)), written);
  assert.deepEqual(read(renderJson(extended)), written);
});

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

const readings = [
  { name: 'nothing', text: '', objects: [] },
  { name: 'empty documents and comments', text: '---\n# a\n---\n---\nnull\n', objects: [] },
  {
    name: 'documents between empty ones',
    text: `---\n---\n${yamlText([map('a')])}---\n---\n`,
    objects: [map('a')],
  },
  {
    name: 'a list in a document beside others',
    text: `${renderJson([map('a'), map('b')])}---\n${yamlText([map('c')])}`,
    objects: [map('a'), map('b'), map('c')],
  },
  {
    name: 'a list that says the kind of its items',
    text: 'apiVersion: v1\nkind: ConfigMapList\nitems: [{metadata: {name: a}, data: {}}]',
    objects: [map('a')],
  },
  {
    name: 'anchors and merged maps',
    text: `${head}data:\n  a: &x {k: v}\n  b: *x\n  c: {<<: *x, l: w}`,
    objects: [map('a', { a: { k: 'v' }, b: { k: 'v' }, c: { k: 'v', l: 'w' } })],
  },
  {
    name: 'what YAML 1.1 calls true, and octal numbers, as kubectl does',
    text: `${head}data: {a: yes, b: off, c: 010, d: "yes"}`,
    objects: [map('a', { a: true, b: false, c: 8, d: 'yes' })],
  },
  {
    name: 'dates and times as text, as kubectl does',
    text: `${head}data: {a: 2026-01-31, b: 12:30, c: 12:30:01.5}`,
    objects: [map('a', { a: '2026-01-31', b: '12:30', c: '12:30:01.5' })],
  },
];

for (const { name, text, objects } of readings) {
  test(`it reads ${name}`, () => assert.deepEqual(read(text), objects));
}

const bomb = [
  'data: &a [x, x]',
  ...'bcdefghijklmn'
    .split('')
    .map((key, at) => `${key}: &${key} [${`*${'abcdefghijklmn'[at]}, `.repeat(9)}]`),
];

const faults = [
  { name: 'no YAML', text: 'a: [', place: /^ 1:\d /, problem: /^the text is not valid YAML/ },
  { name: 'a number', text: '5', place: /^ 1:1 /, problem: /which is a map/ },
  {
    name: 'a service file',
    text: 'kind: ModelService\nmetadata: {name: a}',
    place: /^apiVersion 1:1 /,
    problem: /text/,
  },
  {
    name: 'no name',
    text: `apiVersion: v1\nkind: A\nmetadata: {}`,
    place: /^metadata\.name 3:11 /,
    problem: /text/,
  },
  {
    name: 'a fault in the second document',
    text: `${head}---\napiVersion: v1\nkind: 5\nmetadata: {name: a}`,
    place: /^kind 6:7 /,
    problem: /must be text/,
  },
  {
    name: 'a fault in an item of a list',
    text: `kind: List\nitems:\n- ${head.replaceAll('\n', '\n  ')}\n- kind: A`,
    place: /^items\.1\.apiVersion 7:3 /,
    problem: /must be text/,
  },
  { name: 'an alias of nothing', text: `${head}data: *none`, place: / 1:1 /, problem: /alias.*none/i },
  {
    name: 'aliases that would fill the memory',
    text: `${head}${bomb.join('\n')}`,
    place: / 1:1 /,
    problem: /alias/i,
  },
  { name: 'a key twice', text: `${head}data: {a: 1, a: 2}`, place: / 4:\d+ /, problem: /unique/ },
  {
    name: 'nesting without end',
    text: `${head}data: ${'['.repeat(20_000)}`,
    place: / /,
    problem: /nested|YAML/,
  },
  {
    name: 'deep nesting',
    text: `${head}data: ${'{a: '.repeat(150)}1${'}'.repeat(150)}`,
    place: / 1:1 /,
    problem: /deeper than 100/,
  },
  { name: 'a text without end', text: ' '.repeat(33 * 1024 * 1024), place: / 1:1 /, problem: /longer than/ },
];

for (const { name, text, place, problem } of faults) {
  test(`it refuses ${name}, and says where`, () => {
    const found = parseObjects(text);
    assert.ok(!found.ok);
    const { path, line, column } = found.error;
    assert.match(`${path} ${line}:${column} `, place);
    assert.match(found.error.problem, problem);
  });
}

test('whatever it is given, it answers', () => {
  const pieces = fc.constantFrom(
    ...'apiVersion: v1|kind: List|items:|- |metadata:|name: a|---|&a|*a|<<: |[|{|}|\n|  |!!set'.split('|'),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), all => {
      assert.equal(typeof parseObjects(all.join('')).ok, 'boolean');
    }),
  );
});
