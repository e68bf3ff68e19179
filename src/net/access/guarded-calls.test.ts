/** Calls through a guard, over a real door, from grpc-js. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { type ServiceError, status } from '@grpc/grpc-js';
import { failure } from '#base';
import { echo, grpcClient, openDoor } from '../io/rpc/fixtures/door.ts';
import type { RpcHandler } from '../rpc/call.ts';
import { type Guard } from './guard.ts';
import { guardCalls } from './guarded-calls.ts';
import { FREE, Limiter, type Pass } from './limiter.ts';
import { Refusals } from './refusals.ts';

const PATH = '/test.Echo/Echo';
const asIs = (bytes: Buffer): Buffer => bytes;

async function client(t: TestContext, enter: Guard['enter'] | undefined, handler: RpcHandler = echo) {
  const guard = enter && { refusals: new Refusals(), enter };
  const { door } = await openDoor(t, guardCalls(handler, { guard: () => guard }));
  const made = grpcClient(t, door);
  const ask = (text: string): Promise<string> =>
    new Promise((resolve, reject) =>
      made.makeUnaryRequest(PATH, asIs, asIs, Buffer.from(text), (error, value) =>
        error === null ? resolve(String(value)) : reject(error),
      ),
    );
  return { made, ask };
}

const limited = (limits: { count?: number; concurrent?: number }): Guard['enter'] => {
  const limiter = new Limiter();
  const rate = limits.count === undefined ? undefined : { count: limits.count, periodMs: 3_600_000 };
  return () => limiter.enter({ name: 'k', sha256: '', rate, concurrent: limits.concurrent }, () => 0);
};

test('without a guard every call goes on', async t => {
  const { ask } = await client(t, undefined);
  assert.equal(await ask('hello'), 'hello');
});

for (const [error, code] of [
  [failure('credentials_missing', {}), status.UNAUTHENTICATED],
  [failure('access_denied', { problem: 'no' }), status.PERMISSION_DENIED],
  [failure('rate_exceeded', { limit: '1', wait: 1 }), status.RESOURCE_EXHAUSTED],
  [failure('concurrency_exceeded', { limit: 1 }), status.RESOURCE_EXHAUSTED],
  [failure('issuer_unavailable', { problem: 'gone' }), status.UNAVAILABLE],
] as const)
  for (const how of ['at once', 'later'] as const)
    test(`${error.code} that is told ${how} ends the call with status ${code}, and nobody sees it`, async t => {
      let seen = 0;
      const refuse: Guard['enter'] = () => {
        if (how === 'later') return new Promise((_, reject) => setImmediate(reject, error));
        throw error;
      };
      const { ask } = await client(t, refuse, call => (seen++, echo(call)));
      await assert.rejects(ask('hello'), { code, details: error.message });
      assert.equal(seen, 0);
    });

test('what comes while a pass is awaited is answered in its order', async t => {
  const granted = Promise.withResolvers<Pass>();
  const { made } = await client(t, () => granted.promise);
  const stream = made.makeBidiStreamRequest(PATH, asIs, asIs);
  for (const text of ['a', 'b', 'c']) stream.write(Buffer.from(text));
  stream.end();
  setTimeout(() => granted.resolve(FREE), 30);
  const got: string[] = [];
  for await (const bytes of stream) got.push(String(bytes));
  assert.deepEqual(got, ['a', 'b', 'c']);
});

test('a pass that comes after its client has left is left at once', async t => {
  const granted = Promise.withResolvers<Pass>();
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const { made } = await client(t, () => (asked.resolve(), granted.promise));
  const call = made.makeUnaryRequest(PATH, asIs, asIs, Buffer.from('x'), () => undefined);
  await asked.promise;
  const ended = new Promise(resolve => call.once('status', resolve));
  call.cancel();
  await ended;
  // The server learns of it by another message of the connection, which is answered after it.
  setTimeout(() => granted.resolve({ again: () => undefined, leave: () => left.resolve() }), 50);
  await left.promise;
});

test('one call after another is never too many for a key that may have one', async t => {
  const { ask } = await client(t, limited({ concurrent: 1 }));
  for (let count = 0; count < 500; count++) assert.equal(await ask('x'), 'x');
});

test('as many calls are open as a key may have, and a call that ends makes room', async t => {
  const { made, ask } = await client(t, limited({ concurrent: 1 }));
  const stream = made.makeBidiStreamRequest(PATH, asIs, asIs);
  stream.write(Buffer.from('open'));
  await new Promise(resolve => stream.once('data', resolve));
  await assert.rejects(ask('second'), { code: status.RESOURCE_EXHAUSTED });
  const ended = new Promise(resolve => stream.once('status', resolve));
  stream.end();
  await ended;
  assert.equal(await ask('third'), 'third');
});

test('each message of a stream costs as much as a call', async t => {
  const { made } = await client(t, limited({ count: 3 }));
  const stream = made.makeBidiStreamRequest(PATH, asIs, asIs);
  let answers = 0;
  stream.on('data', () => {
    answers += 1;
    stream.write(Buffer.from('again'));
  });
  const failed = new Promise<ServiceError>(resolve => stream.once('error', resolve));
  stream.write(Buffer.from('first'));
  assert.equal((await failed).code, status.RESOURCE_EXHAUSTED);
  assert.equal(answers, 3);
});
