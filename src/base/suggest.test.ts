import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { suggest } from './suggest.ts';

const keys = ['model', 'candidate', 'runtime', 'server', 'replicas'];

const cases: readonly { name: string; wrong: string; right: string | undefined }[] = [
  { name: 'a missing letter', wrong: 'replica', right: 'replicas' },
  { name: 'two letters the wrong way round', wrong: 'sevrer', right: 'server' },
  { name: 'a doubled letter', wrong: 'modell', right: 'model' },
  { name: 'other capitals', wrong: 'RunTime', right: 'runtime' },
  { name: 'another word', wrong: 'autoscaling', right: undefined },
  { name: 'nothing', wrong: '', right: undefined },
  { name: 'a single letter', wrong: 'x', right: undefined },
];

for (const { name, wrong, right } of cases) {
  test(`${name}: '${wrong}' suggests ${right ?? 'nothing'}`, () => assert.equal(suggest(wrong, keys), right));
}

test('of two near names the nearer is suggested, and of two as near the first', () => {
  assert.equal(suggest('max-row', ['max-body', 'max-rows']), 'max-rows');
  assert.equal(suggest('port', ['ports', 'sport']), 'ports');
});

test('no unlike letter is suggested for a single letter', () => {
  assert.equal(suggest('x', ['f', 'n']), undefined);
});

test('a known name, however it is capitalised, suggests itself', () => {
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.boolean(), (key, upper) => {
      assert.equal(suggest(upper ? key.toUpperCase() : key, keys), key);
    }),
  );
});

test('whatever is suggested is a known name', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (wrong, known) => {
      const found = suggest(wrong, known);
      assert.ok(found === undefined || known.includes(found));
    }),
  );
});

test('a key as long as a file is answered without comparing it letter by letter', () => {
  assert.equal(suggest('x'.repeat(10_000_000), keys), undefined);
});
