import assert from 'node:assert/strict';
import test from 'node:test';
import { type Asking, type CorsPolicy, corsHeaders, preflightHeaders } from './cors.ts';

const named: CorsPolicy = {
  origins: ['https://app.example', 'http://localhost:3000'],
  headers: ['X-Tenant'],
  maxAgeSeconds: 600,
};
const everyone: CorsPolicy = { ...named, origins: ['*'] };

/** Flat headers as a map; what comes twice is a fault. */
function mapOf(headers: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? '';
    assert.equal(map[name], undefined, `${name} comes twice`);
    map[name] = headers[at + 1] ?? '';
  }
  return map;
}

const from = (origin?: string | string[]): Asking => ({
  headers: { ...(origin !== undefined && { origin }) },
});

test('a page of a named origin may read the answer, and what fairlead says in its headers', () => {
  const { 'Access-Control-Expose-Headers': exposed = '', ...rest } = mapOf(
    corsHeaders(named, from('https://app.example')),
  );
  assert.deepEqual(rest, { 'Access-Control-Allow-Origin': 'https://app.example', Vary: 'Origin' });
  for (const name of ['X-Request-Id', 'X-Fairlead-Revision', 'Retry-After'])
    assert.ok(exposed.includes(name));
});

const others: readonly (readonly [string, string | string[] | undefined])[] = [
  ['no origin', undefined],
  ['an empty origin', ''],
  ['another origin', 'https://other.example'],
  ['another scheme', 'http://app.example'],
  ['another port', 'https://app.example:8443'],
  ['an origin that begins with a named one', 'https://app.example.evil.example'],
  ['an origin that ends with a named one', 'https://evil-app.example'],
  ['an origin in capitals', 'https://APP.example'],
  ['a path', 'https://app.example/'],
  ['null', 'null'],
  ['a pattern', '*'],
  ['two origins', 'https://app.example, https://other.example'],
  ['two headers', ['https://app.example', 'https://other.example']],
];

for (const [name, origin] of others) {
  test(`${name} may read nothing, and caches are told that others may`, () => {
    assert.deepEqual(mapOf(corsHeaders(named, from(origin))), { Vary: 'Origin' });
  });
}

test('for every origin there is one answer, and it allows no cookies', () => {
  for (const origin of [undefined, 'https://any.example', 'null']) {
    const headers = mapOf(corsHeaders(everyone, from(origin)));
    assert.equal(headers['Access-Control-Allow-Origin'], '*');
    assert.equal(headers['Vary'], undefined);
    assert.equal(headers['Access-Control-Allow-Credentials'], undefined);
  }
});

const asking = (origin: string, more: Readonly<Record<string, string>> = {}): Asking => ({
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': 'POST', ...more },
});

test('a preflight is told the methods, the headers that a server reads and those that were named', () => {
  for (const policy of [named, everyone]) {
    const headers = mapOf(preflightHeaders(policy, asking('https://app.example')) ?? []);
    assert.equal(headers['Access-Control-Allow-Methods'], 'GET, HEAD, POST');
    assert.equal(headers['Access-Control-Max-Age'], '600');
    const allowed = headers['Access-Control-Allow-Headers']?.split(', ') ?? [];
    for (const name of ['Authorization', 'Content-Type', 'X-Api-Key', 'X-Request-Id', 'X-Tenant'])
      assert.ok(allowed.includes(name), name);
  }
});

test('what is no preflight of a named origin goes on as any request', () => {
  const asked: readonly Asking[] = [
    asking('https://other.example'),
    { ...asking('https://app.example'), method: 'POST' },
    { method: 'OPTIONS', headers: { origin: 'https://app.example' } },
    { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } },
  ];
  for (const one of asked) assert.equal(preflightHeaders(named, one), undefined);
});
