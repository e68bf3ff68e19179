import assert from 'node:assert/strict';
import test from 'node:test';
import { compressionAlgorithms, Metadata, status } from '@grpc/grpc-js';
import { failure } from '#base';
import { CountedBudget } from '../rpc/fixtures/budget.ts';
import { asIs, ask, echo, grpcClient, LIMITS, openDoor, PATH, recording } from './rpc/fixtures/door.ts';
import { RpcDoor } from './rpc-door.ts';

for (const size of [0, 1, 256, 20_000, 70_000, 1_000_000, 64 * 1024 * 1024]) {
  test(`a message of ${size} bytes comes back`, async t => {
    const { door } = await openDoor(t, echo);
    const sent = Buffer.alloc(size, 'abc');
    assert.ok((await ask(grpcClient(t, door), sent)).equals(sent));
  });
}

for (const [name, algorithm] of [
  ['gzip', compressionAlgorithms.gzip],
  ['deflate', compressionAlgorithms.deflate],
] as const) {
  test(`a message compressed with ${name} is read`, async t => {
    const { door } = await openDoor(t, echo);
    const client = grpcClient(t, door, { 'grpc.default_compression_algorithm': algorithm });
    const sent = Buffer.alloc(1_000_000, 'abc');
    assert.ok((await ask(client, sent)).equals(sent));
  });
}

test('a compressed message may be no larger than another', async t => {
  const { door, budget } = await openDoor(t, echo, { messageBytes: 1_000_000 });
  const client = grpcClient(t, door, { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip });
  await assert.rejects(ask(client, Buffer.alloc(10_000_000)), { code: status.RESOURCE_EXHAUSTED });
  assert.ok(budget.peak < 2_000_000, `${budget.peak} bytes were held`);
  assert.equal((await ask(client, Buffer.from('next'))).toString(), 'next');
});

test('a message over the limit is refused', async t => {
  const { door, budget } = await openDoor(t, echo, { messageBytes: 1_000_000 });
  const client = grpcClient(t, door);
  await assert.rejects(ask(client, Buffer.alloc(1_000_001)), { code: status.RESOURCE_EXHAUSTED });
  assert.ok(budget.peak < 10_000, `${budget.peak} bytes were held`);
  assert.equal((await ask(client, Buffer.alloc(1_000_000))).length, 1_000_000);
});

test('a message for which the budget has no room is refused', async t => {
  const { door } = await openDoor(t, echo, { budget: new CountedBudget(1_000_000) });
  const client = grpcClient(t, door);
  await assert.rejects(ask(client, Buffer.alloc(1_000_000)), { code: status.UNAVAILABLE });
  assert.equal((await ask(client, Buffer.alloc(100_000))).length, 100_000);
});

test('a call for which the budget has no room is refused', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler, { budget: new CountedBudget(5000) });
  const client = grpcClient(t, door);
  const first = client.makeClientStreamRequest(PATH, asIs, asIs, () => undefined);
  const { call } = await next();
  await assert.rejects(ask(client, Buffer.alloc(0)), { code: status.UNAVAILABLE });
  first.end();
  call.finish(status.OK, '');
});

test('what a handler throws is the status of the call, in its words', async t => {
  const { door } = await openDoor(t, () => {
    throw failure('model_unknown', { name: 'é' });
  });
  await assert.rejects(ask(grpcClient(t, door), Buffer.alloc(1)), {
    code: status.NOT_FOUND,
    details: "Request for unknown model: 'é' is not found",
  });
});

test('what a receiver throws is the status of the call, and the receiver learns that it is over', async t => {
  const cancelled = Promise.withResolvers<void>();
  const { door } = await openDoor(t, () => ({
    message: () => {
      throw failure('path_unknown', { path: '/x' });
    },
    ended: () => undefined,
    cancelled: () => cancelled.resolve(),
  }));
  await assert.rejects(ask(grpcClient(t, door), Buffer.alloc(1)), { code: status.UNIMPLEMENTED });
  await cancelled.promise;
});

test('metadata goes both ways', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const sent = new Metadata();
  sent.add('x-one', '1');
  sent.add('x-many', 'a');
  sent.add('x-many', 'b');
  sent.add('x-bytes-bin', Buffer.from([0, 255]));
  const stream = grpcClient(t, door).makeUnaryRequest(
    PATH,
    asIs,
    asIs,
    Buffer.alloc(0),
    sent,
    () => undefined,
  );
  const headers = new Promise<Metadata>(resolve => stream.once('metadata', resolve));
  const end = new Promise<{ metadata: Metadata; details: string }>(resolve => stream.once('status', resolve));
  const { call } = await next();
  assert.equal(call.path, PATH);
  assert.equal(call.header('x-one'), '1');
  assert.match(call.header('x-many') ?? '', /^a, ?b$/);
  assert.equal(call.header('x-bytes-bin'), 'AP8=');
  assert.equal(call.header('x-none'), undefined);
  assert.match(call.peer, /^127\.0\.0\.1:\d+$/);
  call.sendHeaders({ 'x-head': 'first' });
  call.finish(status.ABORTED, 'no\nmore', { 'x-tail': 'grün' });
  assert.deepEqual((await headers).get('x-head'), ['first']);
  const { metadata, details } = await end;
  assert.deepEqual([metadata.get('x-tail'), details], [['gr%C3%BCn'], 'no\nmore']);
});

test('a stream goes both ways', async t => {
  const { door } = await openDoor(t, echo);
  const stream = grpcClient(t, door).makeBidiStreamRequest(PATH, asIs, asIs);
  const sent = Array.from({ length: 100 }, (_, index) => `message ${index}`);
  for (const text of sent) stream.write(Buffer.from(text));
  stream.end();
  const got: string[] = [];
  for await (const bytes of stream) got.push(String(bytes));
  assert.deepEqual(got, sent);
});

test('a stream reads no further ahead than it may, and then goes on', async t => {
  const { handler, next } = recording();
  const { door, budget } = await openDoor(t, handler, { messagesAhead: 2 });
  const stream = grpcClient(t, door).makeClientStreamRequest(PATH, asIs, asIs, () => undefined);
  for (const text of ['a', 'b', 'c']) stream.write(Buffer.from(text));
  stream.end();
  const recorder = await next();
  await recorder.until(events => events.length === 2);
  const { held } = budget;
  recorder.call.release();
  await recorder.until(events => events.length >= 3);
  recorder.call.release();
  await recorder.until(events => events.length === 4);
  assert.deepEqual(recorder.events, ['message', 'message', 'message', 'ended']);
  assert.ok(held > budget.held, 'what a stopped client has under way is counted');
  recorder.call.finish(status.OK, '');
});

test('a second message of a unary call is seen', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const stream = grpcClient(t, door).makeClientStreamRequest(PATH, asIs, asIs, () => undefined);
  stream.write(Buffer.from('a'));
  stream.end(Buffer.from('b'));
  const recorder = await next();
  await recorder.until(events => events.includes('ended'));
  assert.deepEqual(recorder.messages.map(String), ['a', 'b']);
  recorder.call.finish(status.OK, '');
});

test('a deadline ends a call on both sides', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const before = performance.now();
  const client = grpcClient(t, door);
  const failed = new Promise<{ code: number }>(resolve => {
    client.makeUnaryRequest(PATH, asIs, asIs, Buffer.alloc(0), { deadline: Date.now() + 100 }, error =>
      resolve(error ?? { code: 0 }),
    );
  });
  const recorder = await next();
  assert.ok(recorder.call.deadline >= before && recorder.call.deadline <= performance.now() + 100);
  assert.equal((await failed).code, status.DEADLINE_EXCEEDED);
  await recorder.until(events => events.includes('cancelled'));
  assert.ok(recorder.call.cancelled);
  assert.equal(recorder.call.send([Buffer.alloc(1)]), true);
  recorder.call.finish(status.OK, '');
});

test('without a deadline there is none', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const answer = ask(grpcClient(t, door), Buffer.alloc(0));
  const { call } = await next();
  assert.equal(call.deadline, Number.POSITIVE_INFINITY);
  call.send([Buffer.from('o'), Buffer.from('k')]);
  call.finish(status.OK, '');
  assert.equal(String(await answer), 'ok');
});

test('a client that cancels is heard of, once', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const stream = grpcClient(t, door).makeUnaryRequest(PATH, asIs, asIs, Buffer.alloc(0), () => undefined);
  const recorder = await next();
  await recorder.until(events => events.includes('ended'));
  stream.cancel();
  await recorder.until(events => events.includes('cancelled'));
  await door.close(1000);
  assert.deepEqual(recorder.events, ['message', 'ended', 'cancelled']);
});

test('a call that is finished is not cancelled afterwards', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const client = grpcClient(t, door);
  const answer = ask(client, Buffer.alloc(0));
  const recorder = await next();
  await recorder.until(events => events.includes('ended'));
  recorder.call.send([Buffer.from('done')]);
  recorder.call.finish(status.OK, '');
  assert.equal(String(await answer), 'done');
  client.close();
  await door.close(1000);
  assert.deepEqual(recorder.events, ['message', 'ended']);
  assert.equal(recorder.call.cancelled, false);
});

test('before it serves, the door says that it is not ready', async t => {
  const options = { host: '127.0.0.1', port: 0, budget: new CountedBudget() };
  const limits = LIMITS;
  const door = await RpcDoor.open({ ...options, limits });
  t.after(() => door.close(0));
  await assert.rejects(ask(grpcClient(t, door), Buffer.alloc(0)), { code: status.UNAVAILABLE });
});

test('a port in use and an address that is elsewhere are told apart', async t => {
  const { door } = await openDoor(t, echo);
  const limits = LIMITS;
  const budget = new CountedBudget();
  const taken = RpcDoor.open({ host: '127.0.0.1', port: Number(new URL(door.url).port), limits, budget });
  await assert.rejects(taken, { code: 'port_taken' });
  await assert.rejects(RpcDoor.open({ host: '192.0.2.1', port: 0, limits, budget }), {
    code: 'listen_failed',
  });
});
