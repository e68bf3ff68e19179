import assert from 'node:assert/strict';
import test from 'node:test';
import { status } from '@grpc/grpc-js';
import type { RpcDoor } from '../rpc-door.ts';
import { ask, echo, grpcClient, openDoor, recording } from './fixtures/door.ts';
import { callHeaders, frame, messageData, Type } from './fixtures/frames.ts';
import { h2Call, h2Client, message, outcomeOf } from './fixtures/h2-client.ts';
import { RawClient } from './fixtures/raw-client.ts';

const ONE = Buffer.from('one');

const hostOf = ({ url }: RpcDoor): string => new URL(url).host;

test('closing waits for answers that are owed, and lets nobody new in', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const answer = ask(grpcClient(t, door), ONE);
  const { call } = await next();
  assert.equal(door.owed, 1);
  const closed = door.close(10_000);
  await assert.rejects(ask(grpcClient(t, door), ONE), { code: status.UNAVAILABLE });
  call.send([Buffer.from('late')]);
  call.finish(status.OK, '');
  assert.equal(String(await answer), 'late');
  await closed;
  assert.equal(door.owed, 0);
});

test('closing ends idle connections at once', async t => {
  const { door } = await openDoor(t, echo);
  const session = h2Client(t, door);
  const ended = new Promise(resolve => session.once('close', resolve));
  await new Promise(resolve => session.once('remoteSettings', resolve));
  await door.close(10_000);
  await ended;
});

test('closing ends connections that say nothing', async t => {
  const { door } = await openDoor(t, echo);
  const client = new RawClient(t, door.url);
  await new Promise(resolve => client.socket.once('connect', resolve));
  await door.close(10_000);
  await client.closed;
});

test('closing ends what is still owed when its time is over, and says so', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const answer = ask(grpcClient(t, door), ONE);
  const recorder = await next();
  const refused = assert.rejects(answer, { code: status.UNAVAILABLE });
  await door.close(10);
  await refused;
  assert.equal(recorder.events.at(-1), 'cancelled');
  assert.equal(door.owed, 0);
});

test('closing again waits for the same end', async t => {
  const { door } = await openDoor(t, echo);
  assert.equal(door.close(0), door.close(1000));
});

test('who is told to leave knows which of its calls were taken', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const client = await new RawClient(t, door.url).agree();
  client.write(callHeaders(1), messageData(1, ONE));
  const { call } = await next();
  door.leave();
  const goaway = await client.until(({ type }) => type === Type.goaway);
  assert.deepEqual([goaway?.payload.readUInt32BE(0), goaway?.payload.readUInt32BE(4)], [1, 0]);
  client.write(callHeaders(3), messageData(3, ONE), frame(Type.ping, 0, 0, Buffer.alloc(8)));
  await client.until(({ type }) => type === Type.ping);
  assert.equal(door.owed, 1, 'the second is not taken');
  call.finish(status.OK, '');
  assert.ok(await client.until(({ type, stream }) => type === Type.headers && stream === 1));
  client.socket.end();
  await client.closed;
});

test('no call is lost when one of two servers leaves under load, and its clients go to the other', async t => {
  const answered = { first: 0, second: 0 };
  const counting = (name: keyof typeof answered) => (call: Parameters<typeof echo>[0]) => {
    answered[name]++;
    return echo(call);
  };
  const { door: first } = await openDoor(t, counting('first'));
  const { door: second } = await openDoor(t, counting('second'));
  const client = grpcClient(t, first, {}, `ipv4:${hostOf(first)},${hostOf(second)}`);
  const work = async (): Promise<void> => {
    for (let index = 0; index < 100; index++) {
      assert.equal(String(await ask(client, ONE)), 'one');
      if (answered.first >= 200) void first.close(10_000);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  assert.equal(answered.first + answered.second, 800);
  assert.ok(answered.second > 0);
});

test('after leaving, a client that comes all the same is served, and then sent on', async t => {
  const { door } = await openDoor(t, echo);
  door.leave();
  const session = h2Client(t, door);
  const sentOn = new Promise(resolve => session.once('goaway', resolve));
  const stream = h2Call(session);
  stream.end(message(ONE));
  assert.deepEqual((await outcomeOf(stream)).body, message(ONE));
  await sentOn;
});

test('a call that streams is not cut by leaving', async t => {
  const { door } = await openDoor(t, echo);
  const session = h2Client(t, door);
  const stream = h2Call(session);
  const outcome = outcomeOf(stream);
  stream.write(message(ONE));
  await new Promise(resolve => stream.once('data', resolve));
  door.leave();
  await new Promise(resolve => session.once('goaway', resolve));
  stream.end(message(ONE));
  const { body, trailers } = await outcome;
  assert.equal(trailers['grpc-status'], '0');
  assert.deepEqual(body, Buffer.concat([message(ONE), message(ONE)]));
});
