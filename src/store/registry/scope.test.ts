import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { covers, joined, noScopes, scopesOf, scopeTexts } from './scope.ts';

const texts: readonly (readonly [string, readonly string[]])[] = [
  ['repository:a/b:pull', ['repository:a/b:pull']],
  ['repository:a/b:pull repository:c:pull,push', ['repository:a/b:pull', 'repository:c:pull,push']],
  ['repository:a:pull repository:a:push', ['repository:a:pull,push']],
  ['repository:r.io:5000/a:pull', ['repository:r.io:5000/a:pull']],
  ['registry:catalog:*', ['registry:catalog:*']],
  ['aws', ['aws']],
  ['', []],
];

for (const [text, asked] of texts)
  test(`'${text}' is asked for as ${asked.join(' and ') || 'nothing'}`, () =>
    assert.deepEqual(scopeTexts(scopesOf(text)), asked));

test('a token covers what it was asked for, and nothing else', () => {
  const scopes = scopesOf('repository:a:pull,push');
  assert.ok(covers(scopes, scopesOf('repository:a:push')));
  assert.ok(covers(scopes, noScopes));
  assert.ok(!covers(scopes, scopesOf('repository:b:pull')));
  assert.ok(!covers(scopesOf('repository:a:pull'), scopes));
});

test('what ends with a colon is written so that it is read as the same', () => {
  const scopes = scopesOf('a:: b: c');
  assert.deepEqual(scopesOf(scopeTexts(scopes).join(' ')), scopes);
});

test('what two let do, both are covered by, whatever is written', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      const [some, others] = [scopesOf(one), scopesOf(other)];
      const all = joined(some, others);
      assert.ok(covers(all, some) && covers(all, others));
      assert.ok(covers(scopesOf(scopeTexts(all).join(' ')), some));
    }),
  );
});
