import assert from 'node:assert/strict';
import { constants } from 'node:http2';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { CountedBudget } from '../../rpc/fixtures/budget.ts';
import { RpcStatus } from '../../rpc/status.ts';
import { echo, openDoor, recording } from './fixtures/door.ts';
import { h2Call, h2Client, message, outcomeOf } from './fixtures/h2-client.ts';

const one = message(Buffer.from('one'));

test('an answer has headers, a message and trailers', async t => {
  const { door } = await openDoor(t, echo);
  const stream = h2Call(h2Client(t, door), { 'content-type': 'application/grpc+proto' });
  stream.end(one);
  const { headers, trailers, body } = await outcomeOf(stream);
  assert.equal(headers[':status'], 200);
  assert.equal(headers['content-type'], 'application/grpc+proto');
  assert.equal(headers['grpc-status'], undefined);
  assert.deepEqual(body, one);
  assert.deepEqual(Object.entries(trailers), [['grpc-status', '0']]);
});

for (const [name, changes, http, status] of [
  ['JSON', { 'content-type': 'application/json' }, 415, undefined],
  ['no content type', { 'content-type': undefined }, 415, undefined],
  ['a PUT', { ':method': 'PUT' }, 405, undefined],
  ['a timeout that is none', { 'grpc-timeout': '1x' }, 200, RpcStatus.internal],
  ['an unknown encoding', { 'grpc-encoding': 'snappy' }, 200, RpcStatus.unimplemented],
] as const) {
  test(`${name} is refused at once, and the next call is answered`, async t => {
    const { door } = await openDoor(t, echo);
    const session = h2Client(t, door);
    // It does not end its request: the answer must not wait for that.
    const { headers, body } = await outcomeOf(h2Call(session, changes));
    assert.equal(headers[':status'], http);
    if (status !== undefined) assert.equal(headers['grpc-status'], String(status));
    assert.equal(body.length, 0);
    const good = h2Call(session);
    good.end(one);
    assert.deepEqual((await outcomeOf(good)).body, one);
  });
}

for (const [name, bytes, changes, status] of [
  ['a flag that means nothing', message(Buffer.alloc(1), 2), {}, RpcStatus.internal],
  ['a compressed message without an encoding', message(gzipSync('x'), 1), {}, RpcStatus.internal],
  [
    'a compressed message with the encoding identity',
    message(gzipSync('x'), 1),
    { 'grpc-encoding': 'identity' },
    RpcStatus.internal,
  ],
  [
    'a compressed message that is none',
    message(Buffer.from('plain'), 1),
    { 'grpc-encoding': 'gzip' },
    RpcStatus.internal,
  ],
  [
    'a compressed message that is cut',
    message(gzipSync('plain').subarray(0, 12), 1),
    { 'grpc-encoding': 'gzip' },
    RpcStatus.internal,
  ],
  [
    'a message longer than the largest',
    Buffer.from([0, 255, 255, 255, 255]),
    {},
    RpcStatus.resourceExhausted,
  ],
  ['a stream that ends inside a prefix', one.subarray(0, 3), {}, RpcStatus.internal],
  ['a stream that ends inside a message', one.subarray(0, 7), {}, RpcStatus.internal],
] as const) {
  test(`${name} ends the call with status ${status}, and the receiver learns of it`, async t => {
    const { handler, next } = recording();
    const { door } = await openDoor(t, handler);
    const stream = h2Call(h2Client(t, door), changes);
    stream.end(bytes);
    const { headers } = await outcomeOf(stream);
    assert.equal(headers['grpc-status'], String(status));
    assert.deepEqual((await next()).events, ['cancelled']);
  });
}

test('with an encoding, a message may still come uncompressed', async t => {
  const { door } = await openDoor(t, echo);
  const stream = h2Call(h2Client(t, door), { 'grpc-encoding': 'gzip' });
  stream.end(Buffer.concat([one, message(gzipSync('two'), 1), one]));
  const two = message(Buffer.from('two'));
  assert.deepEqual((await outcomeOf(stream)).body, Buffer.concat([one, two, one]));
});

test('a small message that inflates to far more than the limit is stopped early', async t => {
  const { door, budget } = await openDoor(t, echo, { messageBytes: 1_000_000 });
  const stream = h2Call(h2Client(t, door), { 'grpc-encoding': 'gzip' });
  stream.end(message(gzipSync(Buffer.alloc(500_000_000)), 1));
  assert.equal((await outcomeOf(stream)).headers['grpc-status'], String(RpcStatus.resourceExhausted));
  assert.ok(budget.peak < 3_000_000, `${budget.peak} bytes were held`);
});

test('a message that is still being inflated when its client leaves is let go', async t => {
  const { handler, next } = recording();
  const { door, budget } = await openDoor(t, handler);
  const session = h2Client(t, door);
  const stream = h2Call(session, { 'grpc-encoding': 'gzip' });
  stream.write(message(gzipSync(Buffer.alloc(60_000_000)), 1));
  const recorder = await next();
  session.destroy();
  await recorder.until(events => events.includes('cancelled'));
  await door.close(1000);
  assert.equal(budget.held, 0);
});

test('after an answer, a client that goes on sending is told that nobody listens', async t => {
  const { door } = await openDoor(t, call => {
    call.finish(RpcStatus.aborted, 'enough');
    return { message: () => undefined, ended: () => undefined, cancelled: () => undefined };
  });
  const stream = h2Call(h2Client(t, door));
  stream.write(message(Buffer.alloc(100_000)).subarray(0, 50_000));
  const { headers } = await outcomeOf(stream);
  assert.equal(headers['grpc-status'], String(RpcStatus.aborted));
  assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR);
});

test('a deadline that has passed already ends the call', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const stream = h2Call(h2Client(t, door), { 'grpc-timeout': '0n' });
  const { headers } = await outcomeOf(stream);
  assert.equal(headers['grpc-status'], String(RpcStatus.deadlineExceeded));
  assert.deepEqual((await next()).events, ['cancelled']);
});

test('a deadline far beyond what a timer can wait is no deadline now', async t => {
  const { door } = await openDoor(t, echo);
  const warnings: Error[] = [];
  const warn = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warn);
  t.after(() => process.removeListener('warning', warn));
  const stream = h2Call(h2Client(t, door), { 'grpc-timeout': '99999999H' });
  stream.end(one);
  assert.deepEqual((await outcomeOf(stream)).body, one);
  assert.deepEqual(warnings, []);
});

test('a reset in the middle of a message lets go of what came', async t => {
  const { handler, next } = recording();
  const { door, budget } = await openDoor(t, handler);
  const stream = h2Call(h2Client(t, door));
  stream.write(message(Buffer.alloc(1_000_000)).subarray(0, 100_000));
  const recorder = await next();
  stream.close(constants.NGHTTP2_CANCEL);
  await recorder.until(events => events.includes('cancelled'));
  await door.close(1000);
  assert.equal(budget.held, 0);
});

for (const [name, sent] of [
  ['that stops inside it', one.subarray(0, 6)],
  ['that stops inside its prefix', one.subarray(0, 2)],
] as const) {
  test(`a message ${name} ends the call after its time`, async t => {
    const { door } = await openDoor(t, echo, { silentMs: 100 });
    const session = h2Client(t, door);
    const stream = h2Call(session);
    stream.write(sent);
    const { headers } = await outcomeOf(stream);
    assert.equal(headers['grpc-status'], String(RpcStatus.deadlineExceeded));
  });
}

test('a message that comes too slowly ends the call', async t => {
  const { door } = await openDoor(t, echo, { messageMs: 200 });
  const stream = h2Call(h2Client(t, door));
  stream.write(message(Buffer.alloc(1_000_000)).subarray(0, 10));
  const drip = setInterval(() => stream.write('x'), 10);
  const { headers } = await outcomeOf(stream);
  clearInterval(drip);
  assert.equal(headers['grpc-status'], String(RpcStatus.deadlineExceeded));
});

test('between its messages a stream may be silent for longer than inside one', async t => {
  const { door } = await openDoor(t, echo, { silentMs: 50, messageMs: 50 });
  const session = h2Client(t, door);
  const silent = h2Call(session);
  silent.write(one);
  await new Promise(resolve => silent.once('data', resolve));
  const inside = h2Call(session);
  inside.write(one.subarray(0, 6));
  assert.equal((await outcomeOf(inside)).headers['grpc-status'], String(RpcStatus.deadlineExceeded));
  silent.end(one);
  assert.equal((await outcomeOf(silent)).trailers['grpc-status'], '0');
});

test('a client that takes nothing of its answer is cut off', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler, { silentMs: 100 });
  const stream = h2Call(h2Client(t, door));
  stream.end(one);
  const { call } = await next();
  call.send([Buffer.alloc(50_000_000)]);
  call.finish(RpcStatus.ok, '');
  await new Promise(resolve => stream.once('close', resolve));
  assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
});

for (const size of [20_000, 60_000, 66_000, 100_000, 131_072, 200_000, 1_000_000]) {
  test(`who sends ${size} bytes at a time faster than its client takes waits, and goes on`, async t => {
    const { handler, next } = recording();
    const { door } = await openDoor(t, handler);
    const stream = h2Call(h2Client(t, door));
    stream.end(one);
    const recorder = await next();
    const portion = Buffer.alloc(size);
    let sent = 1;
    while (recorder.call.send([portion])) sent++;
    assert.ok(sent * size < 1_500_000, `${sent} messages were sent`);
    const outcome = outcomeOf(stream);
    await recorder.until(events => events.includes('drained'));
    recorder.call.send([portion]);
    recorder.call.finish(RpcStatus.ok, '');
    assert.equal((await outcome).body.length, (sent + 1) * (size + 5));
  });
}

test('a client that takes no answers sends no more questions', async t => {
  const { door, budget } = await openDoor(t, echo);
  const stream = h2Call(h2Client(t, door));
  const question = message(Buffer.alloc(100_000));
  let written = 0;
  // Who is stopped by flow control has a write that is not done when all else is.
  const stuck = Promise.withResolvers<void>();
  const write = (): void => {
    const alarm = setTimeout(() => stuck.resolve(), 300);
    stream.write(question, () => {
      clearTimeout(alarm);
      if (++written < 200) write();
      else stuck.resolve();
    });
  };
  write();
  await stuck.promise;
  assert.ok(written < 50, `${written} messages were taken`);
  assert.ok(budget.held > 0);
});

test('a value that HTTP does not carry is encoded, and breaks nothing', async t => {
  const { door } = await openDoor(t, call => {
    call.sendHeaders({ 'x-a': 'ä\r\n' });
    call.finish(RpcStatus.aborted, '', { 'x-b': ' \0' });
    return { message: () => undefined, ended: () => undefined, cancelled: () => undefined };
  });
  const stream = h2Call(h2Client(t, door));
  stream.end();
  const { headers, trailers } = await outcomeOf(stream);
  assert.deepEqual([headers['x-a'], trailers['x-b']], ['%C3%A4%0D%0A', '%20%00']);
});

for (const name of ['connection', ':status', 'no name']) {
  test(`trailers that HTTP/2 forbids end their call, and no other: ${name}`, async t => {
    const { door } = await openDoor(t, call => {
      const isBad = call.header('x-bad') !== undefined;
      call.send([Buffer.from('one')]);
      call.finish(RpcStatus.ok, '', isBad ? { [name]: 'x' } : {});
      return { message: () => undefined, ended: () => undefined, cancelled: () => undefined };
    });
    const session = h2Client(t, door);
    const bad = h2Call(session, { 'x-bad': '1' });
    await outcomeOf(bad);
    assert.equal(bad.rstCode, constants.NGHTTP2_INTERNAL_ERROR);
    assert.equal((await outcomeOf(h2Call(session))).trailers['grpc-status'], '0');
  });
}

test('many calls that each hold a budget give it all back', async t => {
  const { door, budget } = await openDoor(t, echo, { budget: new CountedBudget(20_000_000) });
  const session = h2Client(t, door);
  const calls = Array.from({ length: 90 }, () => {
    const stream = h2Call(session);
    stream.end(message(Buffer.alloc(70_000)));
    return outcomeOf(stream);
  });
  for (const { trailers } of await Promise.all(calls)) assert.equal(trailers['grpc-status'], '0');
  await door.close(1000);
  assert.equal(budget.held, 0);
});

test('a client that leaves is heard of', async t => {
  const { handler, next } = recording();
  const { door } = await openDoor(t, handler);
  const session = h2Client(t, door);
  h2Call(session).end(one);
  const recorder = await next();
  await recorder.until(events => events.includes('ended'));
  session.destroy();
  await recorder.until(events => events.includes('cancelled'));
});
