import assert from 'node:assert/strict';
import test from 'node:test';
import { type DoorFlags, doorOf } from './door-flags.ts';

const none: DoorFlags = { corsOrigin: [], corsHeader: [], corsMaxAge: '10m' };
const pair = { tlsCertificate: 'c', tlsKey: 'k' };

const faults: readonly (readonly [string, Partial<DoorFlags>, RegExp])[] = [
  ['a certificate alone', { tlsCertificate: 'c' }, /^--tls-certificate and --tls-key need each other/],
  ['a key alone', { tlsKey: 'k' }, /need each other/],
  [
    'an authority alone',
    { tlsClientAuthority: 'a' },
    /^--tls-client-authority is for a server that speaks TLS/,
  ],
  ['a port for probes without TLS', { healthPort: '1' }, /^--health-port is for a server that speaks TLS/],
  ['a port that is none', { ...pair, healthPort: 'x' }, /^--health-port must be a whole number/],
  ['an origin with a path', { corsOrigin: ['https://a.example/'] }, /browsers do: https:\/\/a\.example, not/],
  ['every origin and one', { corsOrigin: ['*', 'https://a.example'] }, /name it alone$/],
  ['a header without an origin', { corsHeader: ['x'] }, /no effect without --cors-origin/],
  ['a header that is none', { corsOrigin: ['*'], corsHeader: ['a b'] }, /the name of a header, not 'a b'/],
  ['a time that is none', { corsOrigin: ['*'], corsMaxAge: 'x' }, /^--cors-max-age must be a duration/],
];

for (const [name, flags, problem] of faults) {
  test(`${name} is refused in one sentence`, () => {
    assert.throws(() => doorOf({ ...none, ...flags }), { code: 'usage_invalid', message: problem });
  });
}

test('without flags there is neither TLS nor another origin', () => assert.deepEqual(doorOf(none), {}));

test('what is said is what the server is told', () => {
  const told = doorOf({
    ...pair,
    tlsClientAuthority: 'a',
    healthPort: '0',
    corsOrigin: ['https://a.example', 'http://b.example'],
    corsHeader: ['x-tenant'],
    corsMaxAge: '90s',
  });
  assert.deepEqual(told, {
    tls: { certificate: 'c', key: 'k', clientAuthority: 'a' },
    healthPort: 0,
    cors: { origins: ['https://a.example', 'http://b.example'], headers: ['x-tenant'], maxAgeSeconds: 90 },
  });
});
