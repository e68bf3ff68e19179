import assert from 'node:assert/strict';
import test from 'node:test';
import { headOf } from './head.ts';
import { RpcStatus } from './status.ts';
import type { RpcStream } from './transport.ts';

/** A stream, as far as its head goes. */
function stream(headers: Readonly<Record<string, string>>, method = 'POST'): RpcStream {
  const nothing = (): void => undefined;
  return {
    method,
    path: '/a.B/C',
    header: name => headers[name],
    respond: nothing,
    write: () => true,
    end: nothing,
    reset: nothing,
    pause: nothing,
    resume: nothing,
  };
}

const GRPC = { 'content-type': 'application/grpc' };

test('a plain call has no encoding and no deadline', () => {
  assert.deepEqual(headOf(stream(GRPC)), {
    contentType: 'application/grpc',
    encoding: 'identity',
    timeout: Number.POSITIVE_INFINITY,
  });
});

test('encoding and deadline are read', () => {
  const head = headOf(stream({ ...GRPC, 'grpc-encoding': 'gzip', 'grpc-timeout': '2S' }));
  assert.deepEqual(head, { contentType: 'application/grpc', encoding: 'gzip', timeout: 2000 });
});

for (const [type, echoed] of [
  ['application/grpc', 'application/grpc'],
  ['application/grpc+proto', 'application/grpc+proto'],
  ['application/grpc+json', 'application/grpc+json'],
  ['application/grpc;a=b', 'application/grpc'],
  ['application/grpc+\u00e4', 'application/grpc'],
] as const) {
  test(`${type} is gRPC, and answered as ${echoed}`, () => {
    const head = headOf(stream({ 'content-type': type }));
    assert.equal('contentType' in head && head.contentType, echoed);
  });
}

for (const type of [
  undefined,
  '',
  'application/json',
  'application/grpc-web',
  'application/grpcx',
  'text/application/grpc',
]) {
  test(`${type} is not gRPC`, () => {
    const head = headOf(stream(type === undefined ? {} : { 'content-type': type }));
    assert.equal('http' in head && head.http, 415);
  });
}

for (const [name, given, http, status] of [
  ['another method than POST', stream(GRPC, 'GET'), 405, RpcStatus.internal],
  ['a timeout that is none', stream({ ...GRPC, 'grpc-timeout': '5' }), 200, RpcStatus.internal],
  ['an unknown encoding', stream({ ...GRPC, 'grpc-encoding': 'snappy' }), 200, RpcStatus.unimplemented],
] as const) {
  test(`${name} is refused with HTTP ${http} and status ${status}`, () => {
    const head = headOf(given);
    assert.ok('http' in head);
    assert.deepEqual([head.http, head.status], [http, status]);
  });
}

test('who is refused for an encoding learns which there are', () => {
  const head = headOf(stream({ ...GRPC, 'grpc-encoding': 'br' }));
  assert.deepEqual('fields' in head && head.fields, { 'grpc-accept-encoding': 'identity,gzip,deflate' });
});
