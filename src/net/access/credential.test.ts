import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { credentialOf, looksLikeToken } from './credential.ts';

function of(headers: Readonly<Record<string, string>>) {
  return credentialOf(name => headers[name]);
}

for (const [name, headers, expected] of [
  ['nothing', {}, undefined],
  ['a bearer', { authorization: 'Bearer abc' }, { text: 'abc', isBearer: true }],
  [
    'a bearer in lower case, after spaces',
    { authorization: 'bearer   a.b-c' },
    { text: 'a.b-c', isBearer: true },
  ],
  ['a key', { 'x-api-key': 'fl_abc' }, { text: 'fl_abc', isBearer: false }],
  ['a key beside a bearer', { 'x-api-key': 'k', authorization: 'Bearer t' }, { text: 'k', isBearer: false }],
  ['no scheme', { authorization: 'abc' }, 'unreadable'],
  ['another scheme', { authorization: 'Basic YTpi' }, 'unreadable'],
  ['a scheme alone', { authorization: 'Bearer' }, 'unreadable'],
  ['an empty bearer', { authorization: 'Bearer ' }, 'unreadable'],
  ['two words', { authorization: 'Bearer a b' }, 'unreadable'],
  ['two headers of a name', { authorization: 'Bearer a, Bearer b' }, 'unreadable'],
  ['two keys', { 'x-api-key': 'a, b' }, 'unreadable'],
  ['an empty key', { 'x-api-key': '' }, 'unreadable'],
  ['an empty key beside a bearer', { 'x-api-key': '', authorization: 'Bearer t' }, 'unreadable'],
  ['what is no ASCII', { 'x-api-key': 'schlüssel' }, 'unreadable'],
  ['a key without end', { 'x-api-key': 'a'.repeat(16_385) }, 'unreadable'],
] as const)
  test(`${name} is read for what it is`, () => assert.deepEqual(of(headers), expected));

test('whatever the headers, a credential is visible ASCII of a bounded length, or there is none', () => {
  const value = fc.option(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map(text => `Bearer ${text}`),
      fc.stringMatching(/^ {0,5}[bB]earer[ \t]{0,5}[!-~]{0,30}[ ,]?$/),
    ),
    { nil: undefined },
  );
  fc.assert(
    fc.property(value, value, (authorization, key) => {
      const found = credentialOf(name => (name === 'authorization' ? authorization : key));
      if (key === undefined && authorization === undefined) assert.equal(found, undefined);
      else if (found !== 'unreadable') assert.match(found?.text ?? '', /^[!-+\--~]{1,16384}$/);
    }),
  );
});

test('every text that may be a key is read back as it was, by both headers', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!-+\--~]{1,200}$/), text => {
      assert.deepEqual(of({ 'x-api-key': text }), { text, isBearer: false });
      assert.deepEqual(of({ authorization: `Bearer ${text}` }), { text, isBearer: true });
    }),
  );
});

for (const [text, is] of [
  ['a.b.c', true],
  ['eyJh.eyJp.c_-2', true],
  ['a.b', false],
  ['a.b.', false],
  ['a.b.c.d', false],
  ['fl_abc', false],
] as const)
  test(`${text} looks ${is ? '' : 'un'}like a token`, () => assert.equal(looksLikeToken(text), is));
