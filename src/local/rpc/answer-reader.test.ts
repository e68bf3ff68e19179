import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AnswerReader } from './answer-reader.ts';

function framed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** The messages that come out when the bytes go in, cut at these lengths. */
function read(
  bytes: Buffer,
  cuts: readonly number[],
): { messages: Buffer[]; portions: number[]; begun: boolean } {
  const reader = new AnswerReader();
  const messages: Buffer[] = [];
  const portions: number[] = [];
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    reader.push(bytes.subarray(at, at + cut));
    at += cut;
    for (let pieces = reader.next(); pieces !== undefined; pieces = reader.next()) {
      messages.push(Buffer.concat(pieces));
      portions.push(...pieces.map(({ length }) => length));
    }
  }
  return { messages, portions, begun: reader.begun };
}

test('messages come out as they went in, however the bytes are cut', () => {
  const all = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 });
  fc.assert(
    fc.property(all, fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 30 }), (sent, cuts) => {
      const { messages, begun } = read(Buffer.concat(sent.map(one => framed(one))), cuts);
      assert.deepEqual(
        messages,
        sent.map(one => Buffer.from(one)),
      );
      assert.equal(begun, false);
    }),
  );
});

test('a large message is gathered into few portions, none of them small', () => {
  const sizes = fc.integer({ min: 128 * 1024 + 1, max: 2_000_000 });
  fc.assert(
    fc.property(sizes, length => {
      const sent = Buffer.alloc(length, 'abcdefg');
      const cuts = Array.from({ length: Math.floor(length / 16_384) }, () => 16_384);
      const { messages, portions } = read(framed(sent), cuts);
      assert.ok(messages[0]?.equals(sent));
      assert.ok(Math.min(...portions) > 60 * 1024 && Math.max(...portions) <= 128 * 1024, portions.join(' '));
    }),
    { numRuns: 30 },
  );
});

for (const [name, bytes, begun, expected] of [
  ['nothing', Buffer.alloc(0), false, 0],
  ['part of a prefix', Buffer.alloc(3), true, 0],
  ['a prefix alone', framed(Buffer.alloc(7)).subarray(0, 5), true, 7],
  ['part of a message', framed(Buffer.alloc(7)).subarray(0, 8), true, 7],
  ['a message', framed(Buffer.alloc(7)), false, 0],
] as const) {
  test(`after ${name} ${expected} bytes are expected, and a message has ${begun ? '' : 'not '}begun`, () => {
    const reader = new AnswerReader();
    reader.push(bytes);
    reader.next();
    assert.deepEqual([reader.begun, reader.expected], [begun, expected]);
  });
}

test('a message that says it is compressed is refused', () => {
  const reader = new AnswerReader();
  reader.push(framed(Buffer.alloc(1), 1));
  assert.throws(() => reader.next(), { code: 'rpc_malformed' });
});
