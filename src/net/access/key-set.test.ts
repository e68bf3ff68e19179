import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readKeySet } from './key-set.ts';

for (const [name, text, problem] of [
  ['no JSON', '<html>', /no JSON Web Key Set/],
  ['no object', '[]', /no JSON Web Key Set/],
  ['no list', '{"keys": {}}', /no JSON Web Key Set/],
  ['a list of texts', '{"keys": ["a"]}', /not an object/],
  ['a private key', '{"keys": [{"kty": "EC", "d": "x"}]}', /private/],
] as const)
  test(`${name} is no set of keys`, () => {
    const read = readKeySet(text);
    assert.match(read.ok ? 'it was read' : read.error, problem);
  });

test('keys that both sides know are left out', () => {
  const read = readKeySet('{"keys": [{"kty": "oct", "k": "secret"}, {"kty": "RSA", "n": "x"}]}');
  assert.deepEqual(read.ok && read.value.keys, [{ kty: 'RSA', n: 'x' }]);
});

test('whatever the text, it is read or refused', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), text => typeof readKeySet(text).ok === 'boolean'));
});
