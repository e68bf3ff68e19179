import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerRelay } from './answer-relay.ts';
import { AnswerRoom } from './answer-room.ts';

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** A relay, what came out of it, and whether its source is stopped. */
class Bench {
  readonly messages: string[] = [];
  paused = false;
  full = false;
  readonly relay: AnswerRelay;

  constructor(room = new AnswerRoom(1000), unary = false) {
    this.relay = new AnswerRelay({ taker: this, source: this, room, unary });
  }

  answer(pieces: readonly Uint8Array[]): boolean {
    this.messages.push(Buffer.concat(pieces).toString());
    return !this.full;
  }

  unreadable(problem: string): void {
    this.messages.push(problem);
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }
}

test('messages go on as they come', () => {
  const bench = new Bench();
  bench.relay.push(Buffer.concat([framed(Buffer.from('a')), framed(Buffer.from('b'))]));
  assert.deepEqual(bench.messages, ['a', 'b']);
  assert.equal(bench.paused, false);
});

test('a taker that is full gets no more until it has room, and the source waits', () => {
  const bench = new Bench();
  bench.full = true;
  bench.relay.push(Buffer.concat(['a', 'b', 'c'].map(text => framed(Buffer.from(text)))));
  assert.deepEqual([bench.messages, bench.paused], [['a'], true]);
  bench.relay.drained();
  assert.deepEqual([bench.messages, bench.paused], [['a', 'b'], true]);
  bench.full = false;
  bench.relay.drained();
  assert.deepEqual([bench.messages, bench.paused], [['a', 'b', 'c'], false]);
});

test('at the end everything goes out, however much waits', () => {
  const bench = new Bench();
  bench.full = true;
  bench.relay.push(Buffer.concat(['a', 'b'].map(text => framed(Buffer.from(text)))));
  bench.relay.finish();
  assert.deepEqual(bench.messages, ['a', 'b']);
  assert.equal(bench.relay.begun, false);
});

test('the one message of a unary answer waits for its end, and keeps its room', () => {
  const room = new AnswerRoom(1000);
  const bench = new Bench(room, true);
  const large = framed(Buffer.alloc(600, 'x'));
  bench.relay.push(large.subarray(0, 100));
  bench.relay.push(large.subarray(100));
  assert.deepEqual([bench.messages, bench.relay.begun, bench.paused], [[], false, false]);
  const other = new Bench(room);
  other.relay.push(large.subarray(0, 100));
  assert.equal(other.paused, true);
  bench.relay.finish();
  assert.equal(bench.messages.length, 1);
  bench.relay.close();
  assert.equal(other.paused, false);
});

test('an answer that was thought to be unary goes on at its second message', () => {
  const bench = new Bench(new AnswerRoom(1000), true);
  for (const text of ['a', 'b', 'c']) bench.relay.push(framed(Buffer.from(text)));
  assert.deepEqual(bench.messages, ['a', 'b', 'c']);
});

test('what is held when a relay is closed goes nowhere', () => {
  const bench = new Bench(new AnswerRoom(1000), true);
  bench.relay.push(framed(Buffer.from('a')));
  bench.relay.close();
  bench.relay.finish();
  assert.deepEqual(bench.messages, []);
});

test('an answer that is gathered has its room first, and gives it back', () => {
  const room = new AnswerRoom(1000);
  const [one, other] = [new Bench(room), new Bench(room)];
  const large = framed(Buffer.alloc(600, 'x'));
  one.relay.push(large.subarray(0, 100));
  other.relay.push(large.subarray(0, 100));
  assert.deepEqual([one.paused, other.paused], [false, true]);
  one.relay.push(large.subarray(100));
  assert.equal(other.paused, false);
  other.relay.push(large.subarray(100));
  assert.deepEqual([one.messages[0]?.length, other.messages[0]?.length], [600, 600]);
  assert.ok(room.take(1000, { roomy: () => undefined }));
});

test('an answer that a slow taker has not taken keeps its room', () => {
  const room = new AnswerRoom(1000);
  const [slow, other] = [new Bench(room), new Bench(room)];
  const large = framed(Buffer.alloc(600, 'x'));
  slow.full = true;
  slow.relay.push(large.subarray(0, 100));
  slow.relay.push(large.subarray(100));
  other.relay.push(large.subarray(0, 100));
  assert.equal(other.paused, true);
  slow.relay.drained();
  assert.deepEqual([slow.paused, other.paused], [false, false]);
});

test('a relay that is closed gives back its room, or its place in the line', () => {
  const room = new AnswerRoom(1000);
  const [one, two, three] = [new Bench(room), new Bench(room), new Bench(room)];
  for (const { relay } of [one, two, three]) relay.push(framed(Buffer.alloc(600)).subarray(0, 100));
  two.relay.close();
  assert.equal(three.paused, true);
  one.relay.close();
  assert.equal(three.paused, false);
  one.relay.close();
  three.relay.close();
  assert.ok(room.take(1000, { roomy: () => undefined }));
});

test('a relay that is closed while it delivers asks for no room', () => {
  const room = new AnswerRoom(1000);
  const bench = new Bench(room);
  bench.answer = () => (bench.relay.close(), true);
  bench.relay.push(Buffer.concat([framed(Buffer.from('a')), framed(Buffer.alloc(600)).subarray(0, 100)]));
  assert.ok(room.take(1000, { roomy: () => undefined }));
});

test('what is no message is told once, and is the end', () => {
  const bench = new Bench();
  const packed = framed(Buffer.from('b')).fill(1, 0, 1);
  bench.relay.push(Buffer.concat([framed(Buffer.from('a')), packed]));
  bench.relay.push(packed);
  assert.deepEqual(bench.messages, ['a', 'this is not a valid gRPC call: a message begins with 1']);
});
