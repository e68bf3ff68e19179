import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RpcCall } from '#net';
import { answerFields, endOf, foreign, requestHeaders } from './metadata.ts';

function called(headers: Readonly<Record<string, string>>): Pick<RpcCall, 'path' | 'header'> {
  return { path: '/a.B/C', header: name => headers[name] };
}

test('a call goes on with its metadata, a timeout of its own and no compression', () => {
  const came = {
    'content-type': 'application/grpc+proto',
    'grpc-timeout': '9S',
    'grpc-encoding': 'gzip',
    'x-request-id': 'mine',
    'grpc-trace-bin': 'AAE=',
  };
  assert.deepEqual(requestHeaders(called(came), { timeout: '8999m' }), {
    ':method': 'POST',
    ':path': '/a.B/C',
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    'grpc-timeout': '8999m',
    'x-request-id': 'mine',
    'grpc-trace-bin': 'AAE=',
  });
  assert.equal(requestHeaders(called({}), { timeout: undefined })['content-type'], 'application/grpc');
});

test('credentials of a call go on as they came, unless they stay here', () => {
  const came = { authorization: 'Bearer a', 'x-api-key': 'b', 'x-request-id': 'mine' };
  const sent = requestHeaders(called(came), { timeout: undefined });
  assert.deepEqual([sent['authorization'], sent['x-api-key']], ['Bearer a', 'b']);
  const kept = requestHeaders(called(came), { timeout: undefined, isWithheld: true });
  assert.deepEqual(
    [kept['authorization'], kept['x-api-key'], kept['x-request-id']],
    [undefined, undefined, 'mine'],
  );
});

test('an answer keeps its metadata, but for what is said anew', () => {
  const came = {
    ':status': '200',
    'content-type': 'application/grpc',
    'grpc-encoding': 'identity',
    own: '1',
    many: ['a', 'b'],
  };
  assert.deepEqual(answerFields(came, { beside: 'x' }), { beside: 'x', own: '1', many: 'a, b' });
  const beside = {};
  assert.equal(answerFields({ ':status': '200', 'grpc-status': '0' }, beside), beside);
});

for (const [trailers, end] of [
  [{ 'grpc-status': '0' }, { status: 0, message: '' }],
  [
    { 'grpc-status': '5', 'grpc-message': 'not %E2%82%AC' },
    { status: 5, message: 'not €' },
  ],
  [
    { 'grpc-status': '5', 'grpc-message': '100 %' },
    { status: 5, message: '100 %' },
  ],
  [{}, undefined],
  [{ 'grpc-status': 'ok' }, undefined],
  [{ 'grpc-status': ['0', '1'] }, undefined],
] as const) {
  test(`${JSON.stringify(trailers)} ends a call as ${JSON.stringify(end)}`, () =>
    assert.deepEqual(endOf(trailers), end));
}

for (const [headers, problem] of [
  [{ ':status': '200', 'content-type': 'application/grpc+proto' }, undefined],
  [{ 'grpc-status': '0' }, undefined],
  [
    { ':status': '502', 'content-type': 'application/grpc' },
    'HTTP status 502, with content-type application/grpc',
  ],
  [{ ':status': '200', 'content-type': 'text/html' }, 'HTTP status 200, with content-type text/html'],
] as const) {
  test(`${JSON.stringify(headers)} is ${problem === undefined ? 'gRPC' : 'foreign'}`, () =>
    assert.equal(foreign(headers), problem));
}
