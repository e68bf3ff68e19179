import assert from 'node:assert/strict';
import test from 'node:test';
import { isNearby } from './nearby.ts';

const peers: readonly (readonly [string | undefined, boolean])[] = [
  ['127.0.0.1', true],
  ['127.8.9.10', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['192.0.2.127', false],
  ['::ffff:10.127.0.1', false],
  ['::', false],
  ['fe80::1', false],
  ['', false],
  [undefined, false],
];

for (const [peer, expected] of peers) {
  test(`${peer ?? 'who has left'} is ${expected ? '' : 'not '}on this machine`, () => {
    assert.equal(isNearby({ peer, headers: {} }), expected);
  });
}

for (const name of [
  'x-forwarded-for',
  'forwarded',
  'via',
  'x-forwarded-host',
  'x-real-ip',
  'origin',
  'sec-fetch-site',
]) {
  test(`who says ${name} asks for somebody else`, () => {
    assert.equal(isNearby({ peer: '127.0.0.1', headers: { [name]: '' } }), false);
  });
}
