import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { faultOf, pathOf, type RequestHead } from './http-head.ts';

const good: RequestHead = { httpVersion: '1.1', method: 'GET', url: '/', rawHeaders: ['Host', 'x'] };

/** Name, what is other than in a good request, and the code of its fault; over the wire, test/http has them all. */
const cases: readonly (readonly [string, Partial<RequestHead>, string | undefined])[] = [
  ['a good request', {}, undefined],
  ['a request that says nothing', { method: undefined, url: undefined }, undefined],
  ['HTTP/2.0', { httpVersion: '2.0' }, 'http_version_unknown'],
  ['200 headers', { rawHeaders: ['hOST', 'x', ...Array.from({ length: 398 }, () => 'a')] }, undefined],
  ['201 headers', { rawHeaders: Array.from({ length: 402 }, () => 'a') }, 'headers_too_large'],
  ['no Host', { rawHeaders: [] }, 'http_malformed'],
  ['no Host in HTTP/1.0', { rawHeaders: [], httpVersion: '1.0' }, undefined],
  ['two Hosts in one case each', { rawHeaders: ['Host', 'x', 'HOST', 'x'] }, 'http_malformed'],
  ['a header as long as Host', { rawHeaders: ['Host', 'x', 'Etag', '"a b"'] }, undefined],
  ['chunks', { rawHeaders: ['Host', 'x', 'TRANSFER-ENCODING', ' CHUNKED '] }, undefined],
  ['a header as long as that', { rawHeaders: ['Host', 'x', 'X-Forwarded-Proto', 'gzip'] }, undefined],
  [
    'gzip in chunks',
    { rawHeaders: ['Host', 'x', 'Transfer-Encoding', 'gzip, chunked'] },
    'transfer_coding_unknown',
  ],
  ['gzip', { rawHeaders: ['Host', 'x', 'Transfer-Encoding', 'gzip'] }, 'http_malformed'],
  ['an asterisk for OPTIONS', { method: 'OPTIONS', url: '*' }, undefined],
  ['an asterisk for GET', { url: '*' }, 'http_malformed'],
  ['an absolute address', { url: 'http://[::1]:80/a?b' }, undefined],
  ['an absolute address with a fragment', { url: 'http://x/#' }, 'http_malformed'],
  ['an absolute address of a port', { url: 'http://:80/' }, 'http_malformed'],
];

for (const [name, change, code] of cases) {
  test(`${name} ${code === undefined ? 'has no fault' : `is ${code}`}`, () => {
    assert.equal(faultOf({ ...good, ...change })?.code, code);
  });
}

test('every list of codings but one chunked is a fault', () => {
  const coding = fc.constantFrom('chunked', 'gzip', 'identity', '', 'Chunked', 'xchunked');
  fc.assert(
    fc.property(fc.array(coding, { minLength: 1, maxLength: 4 }), codings => {
      const rawHeaders = ['Host', 'x', ...codings.flatMap(value => ['Transfer-Encoding', value])];
      const isPlain = codings.length === 1 && codings[0]?.toLowerCase() === 'chunked';
      assert.equal(faultOf({ ...good, rawHeaders }) === undefined, isPlain);
    }),
  );
});

test('no head makes it throw, and no fault is longer than what it quotes', () => {
  const head = fc.record({
    httpVersion: fc.constantFrom('1.0', '1.1'),
    method: fc.constantFrom('GET', 'OPTIONS'),
    url: fc.string({ maxLength: 500 }),
    rawHeaders: fc.array(fc.string({ maxLength: 300 }), { maxLength: 6 }).map(all => ['host', ...all]),
  });
  fc.assert(fc.property(head, one => (faultOf(one)?.message.length ?? 0) < 250));
});

for (const [target, path] of [
  ['/a?b', '/a?b'],
  ['//a/b', '//a/b'],
  ['*', '*'],
  ['http://x', '/'],
  ['http://x?a', '/?a'],
  ['HTTP://x/a/../b?c', '/a/../b?c'],
] as const) {
  test(`the path of ${target} is ${path}`, () => assert.equal(pathOf(target), path));
}
