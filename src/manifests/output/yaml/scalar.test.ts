import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { oddText } from './odd-text.arbitrary.ts';
import { blockScalar, flowScalar } from './scalar.ts';

const plain = [
  'digits-16b18e16',
  'registry.example:5000/ml/digits:1.0',
  `registry.example/digits@sha256:${'4'.repeat(64)}`,
  '/etc/fairlead/models.json',
  '--max-delay=5ms',
  'http://collector:4318/v1/traces',
  '250m',
  '1.5Gi',
  '30s',
  '25%',
  'node.kubernetes.io/instance-type',
  'a:b',
];

for (const text of plain) test(`${text} needs no quotes`, () => assert.equal(flowScalar(text), text));

const quoted =
  `y N yes No on Off TRUE false null ~ 8501 0x1f 0o17 010 1_000 1e3 1E e1 E+5 -e10 .5 -1 -.inf .nan 12:30 1.10 2026-01-31
  2026-01-31T10:00:00Z << = - -- --- ... * &a !b @c %d ? : | > [a] {a} , # "a" 'a' 10.0.0.1 a: a:b: #`.split(
    /\s+/,
  );

for (const text of [...quoted, '', ' ', ' a', 'a ', 'a: b', 'a #b', '- a', '\t', 'é', '\ufeff', '\u2028']) {
  test(`${JSON.stringify(text)} is written in quotes`, () => {
    assert.match(flowScalar(text), /^(["']).*\1$/);
    for (const version of ['1.1', '1.2'] as const) assert.equal(parse(flowScalar(text), { version }), text);
  });
}

const json = JSON.stringify({ models: ['one', 'two'] });

test('a text with quotes and nothing to escape keeps them readable', () => {
  assert.equal(flowScalar(json), `'${json}'`);
});

test('a text of several lines stands on lines of its own, with blank lines as they are', () => {
  assert.equal(blockScalar('a: 1\n\n\n  b\n', 4), '|\n    a: 1\n\n\n      b');
  assert.equal(blockScalar('a\nb', 2), '|-\n  a\n  b');
});

test('a long text of one line does so only where it would need quotes', () => {
  const long = `[${Array.from({ length: 20 }, () => json).join(',')}]`;
  assert.equal(blockScalar(long, 2), `|-\n  ${long}`);
  assert.equal(blockScalar('a'.repeat(500), 2), undefined);
  assert.equal(blockScalar(json, 2), undefined);
});

const fragile = [
  '\n',
  '\na',
  ' a\nb',
  '\ta\nb',
  'a\n\tb',
  'a \nb',
  'a\n  \nb',
  'a\n\n',
  'a\r\nb',
  'a\u2028\nb',
];

for (const text of fragile) {
  test(`${JSON.stringify(text)} stays on one line, since readers differ`, () => {
    assert.equal(blockScalar(text, 2), undefined);
  });
}

for (const version of ['1.1', '1.2'] as const) {
  test(`any text is read as what it was by YAML ${version}`, () => {
    fc.assert(
      fc.property(oddText, text => {
        assert.equal(parse(`a: ${flowScalar(text)}`, { version }).a, text);
        const block = blockScalar(text, 2) ?? flowScalar(text);
        assert.equal(parse(`a: ${block}\nb: 1`, { version }).a, text);
      }),
      { numRuns: 300 },
    );
  });
}
