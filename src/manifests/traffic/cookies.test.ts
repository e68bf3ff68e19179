import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cookiePattern, setCookie } from './cookies.ts';

const cases: readonly (readonly [header: string, fits: boolean])[] = [
  ['ab=candidate', true],
  ['a=1; ab=candidate', true],
  ['a=1;ab=candidate;b=2', true],
  ['ab=candidate; ab=control', true],
  ['xab=candidate', false],
  ['ab=candidate2', false],
  ['ab=candidat', false],
  ['ab=', false],
  ['x=ab=candidate', false],
  ['x-ab=candidate', false],
  ['', false],
];

for (const [header, fits] of cases)
  test(`a pattern for ab=candidate ${fits ? 'fits' : 'does not fit'} '${header}'`, () => {
    assert.equal(new RegExp(cookiePattern('ab', 'candidate')).test(header), fits);
  });

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~\w-]{1,20}$/);
const value = fc.stringMatching(/^[!#-+\--:<-[\]-~]{1,20}$/);

test('a pattern fits a cookie by just its name and its value, whatever signs these have', () => {
  fc.assert(
    fc.property(token, value, token, value, (name, wanted, other, held) => {
      const pattern = new RegExp(cookiePattern(name, wanted));
      assert.ok(pattern.test(`${other}=${held}; ${name}=${wanted}; z=1`));
      assert.equal(pattern.test(`${other}=${held}`), other === name && held === wanted);
    }),
  );
});

test('a cookie is kept for whole seconds, by all paths, and out of the reach of scripts', () => {
  assert.equal(
    setCookie('fairlead-revision', 'digits-16b18e16', 86_400_500),
    'fairlead-revision=digits-16b18e16; Max-Age=86400; Path=/; HttpOnly; SameSite=Lax',
  );
});
