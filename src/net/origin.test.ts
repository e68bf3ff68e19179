import assert from 'node:assert/strict';
import test from 'node:test';
import { clientOf, schemeOf } from './origin.ts';

const schemes: readonly [unknown, boolean, string][] = [
  [undefined, false, 'http'],
  [undefined, true, 'https'],
  ['https', false, 'https'],
  ['HTTPS, http', false, 'https'],
  ['http', true, 'http'],
  ['gopher', true, 'https'],
  ['', false, 'http'],
];

test('the scheme is what the first proxy was spoken to by, or else this door', () => {
  for (const [told, isSecure, scheme] of schemes)
    assert.equal(
      schemeOf(() => told, isSecure),
      scheme,
      String(told),
    );
});

const clients: readonly [unknown, string][] = [
  [undefined, '127.0.0.1'],
  ['10.0.0.1', '10.0.0.1'],
  ['10.0.0.1:4711, 10.0.0.2', '10.0.0.1:4711'],
  [['2001:db8::1', 'x'], '2001:db8::1'],
  ['::1', '::1'],
  ['unknown, 10.0.0.1', '127.0.0.1'],
  ['cafe', '127.0.0.1'],
  ['<script>', '127.0.0.1'],
  ['1.'.repeat(10_000), '127.0.0.1'],
];

test('the client is whom the first proxy names by an address, or else who is connected', () => {
  for (const [told, client] of clients)
    assert.equal(
      clientOf(() => told, '127.0.0.1'),
      client,
      String(told).slice(0, 50),
    );
});
