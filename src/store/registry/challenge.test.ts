import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { type Challenge, challengeOf } from './challenge.ts';

const cases: readonly (readonly [string | undefined, Challenge | undefined])[] = [
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    {
      scheme: 'bearer',
      realm: 'https://auth.docker.io/token',
      service: 'registry.docker.io',
      scope: 'repository:a/b:pull,push',
    },
  ],
  ['bearer realm=https://r.io/t', { scheme: 'bearer', realm: 'https://r.io/t' }],
  ['Bearer realm="https://r.io/t" , service=""', { scheme: 'bearer', realm: 'https://r.io/t' }],
  ['Basic realm="x"', { scheme: 'basic' }],
  ['Basic', { scheme: 'basic' }],
  ['Basic realm="x", Bearer realm="https://r.io/t"', { scheme: 'bearer', realm: 'https://r.io/t' }],
  ['Bearer realm="https://r.io/t", Basic realm="x"', { scheme: 'bearer', realm: 'https://r.io/t' }],
  ['Bearer service="x"', undefined],
  ['Negotiate', undefined],
  ['', undefined],
  [undefined, undefined],
];

for (const [header, challenge] of cases)
  test(`${header} asks for ${challenge?.scheme ?? 'nothing known'}`, () => {
    assert.deepEqual(challengeOf(header), challenge);
  });

test('any header is read, and soon', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 4000 }), text => {
      challengeOf(text);
      challengeOf(`Bearer ${text}`);
    }),
  );
  challengeOf(`Bearer ${'a=b,'.repeat(4000)}!`);
  challengeOf(`Bearer ${'a'.repeat(16_000)}`);
});
