import assert from 'node:assert/strict';
import test from 'node:test';
import { accessRules, readKeys } from './access-rules.ts';
import { describeIssue, parseAuth, parseKeys } from './parse.ts';

const jwt = (more: string): string => `predict: {jwt: {issuer: i, audience: a, ${more}}}`;
const DIGEST = 'ab'.repeat(32);

for (const place of [
  'https://issuer.test/jwks',
  'http://127.0.0.1:8080/jwks',
  'http://localhost/jwks',
  'http://[::1]:1/jwks',
  'jwks.json',
  '/etc/keys/jwks.json',
])
  test(`an issuer's keys may be at ${place}`, () => assert.ok(parseAuth(jwt(`jwks: "${place}"`)).ok));

for (const place of [
  '',
  'http://issuer.test/jwks',
  'http://127.0.0.1.issuer.test/',
  'http://localhost.issuer.test/',
  'http://10.0.0.1/',
  'https://user:password@issuer.test/',
  'file:///etc/jwks.json',
  'ftp://issuer.test/',
  'https://',
])
  test(`an issuer's keys may not be at '${place}'`, () =>
    assert.equal(parseAuth(jwt(`jwks: "${place}"`)).ok, false));

test('what a file leaves out is filled in, and times are milliseconds for who checks', () => {
  const read = parseAuth(jwt('jwks: k'));
  assert.ok(read.ok);
  const { predict, admin } = accessRules(read.value);
  assert.equal(admin, undefined);
  assert.equal(predict?.jwt?.leewayMs, 30_000);
  assert.ok(predict?.jwt?.algorithms.includes('RS256'));
  assert.equal(
    predict?.jwt?.algorithms.some(name => /^HS|none/i.test(name)),
    false,
  );
});

test('the keys of a file have their digest in one case, and their times in milliseconds', () => {
  const entry = `{name: a, sha256: ${DIGEST.toUpperCase()}, rate: 6000/m, expires: 2027-01-31, concurrent: 8}`;
  const read = readKeys(`keys: [${entry}]`);
  assert.ok(read.ok);
  assert.deepEqual(read.value, [
    {
      name: 'a',
      sha256: DIGEST,
      rate: { count: 6000, periodMs: 60_000 },
      expires: Date.parse('2027-01-31'),
      concurrent: 8,
    },
  ]);
});

for (const [name, text, says] of [
  ['a key itself', 'keys: [{name: a, key: fl_x}]', "keys[0].key is not a known key; did you mean 'keys'?"],
  [
    'a digest that is none',
    'keys: [{name: a, sha256: abc}]',
    'keys[0].sha256 must be the SHA-256 of the key',
  ],
  ['a name that is none', `keys: [{name: 'a b', sha256: ${DIGEST}}]`, 'keys[0].name must be at most 63'],
  ['a rate that is none', `keys: [{name: a, sha256: ${DIGEST}, rate: 5}]`, 'keys[0].rate must be'],
  [
    'a day that is none',
    `keys: [{name: a, sha256: ${DIGEST}, expires: 2027-02-31}]`,
    'keys[0].expires must be',
  ],
  ['nobody', '', 'the file is empty'],
  [
    'a digest twice',
    `keys: [{name: a, sha256: ${DIGEST}}, {name: b, sha256: ${DIGEST.toUpperCase()}}]`,
    'keys[1].sha256 is there twice',
  ],
] as const)
  test(`a file of keys with ${name} is refused with its place`, () => {
    const read = parseKeys(text);
    assert.ok(!read.ok);
    const told = read.error.map(describeIssue).join('\n');
    assert.ok(told.includes(says.replace("; did you mean 'keys'?", '')), told);
  });

test('what stands in a file of keys where it does not belong may be a key, and is not told', () => {
  for (const entry of [
    'fl_secret',
    `{name: fl_secret key, sha256: ${DIGEST}}`,
    '{name: a, sha256: fl_secret}',
    '{name: a, key: fl_secret}',
    `{name: a, sha256: ${DIGEST}, rate: fl_secret, expires: fl_secret, concurrent: fl_secret}`,
    '{name: a, sha256: 712345}',
  ]) {
    const read = parseKeys(`keys: [${entry}]`);
    assert.ok(!read.ok);
    assert.doesNotMatch(read.error.map(describeIssue).join('\n'), /fl_secret|712345/);
  }
});

test('a file of no keys lets nobody in, and is none the worse for it', () => {
  assert.deepEqual(parseKeys('keys: []'), { ok: true, value: { keys: [] } });
});
