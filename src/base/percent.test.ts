import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { percentDecoded } from './percent.ts';

test('any text comes back from its encoding', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const whole = text.toWellFormed();
      assert.equal(percentDecoded(encodeURIComponent(whole)), whole);
    }),
  );
});

for (const broken of ['100%', '%zz', '%e2%82', '%ff'])
  test(`'${broken}' is no encoding`, () => assert.equal(percentDecoded(broken), undefined));
