/** The frames of a gRPC stream: the same messages, however the stream is cut. */
import assert from 'node:assert/strict';
import { CountedBudget } from '../../../src/net/rpc/fixtures/budget.ts';
import { MessageReader } from '../../../src/net/rpc/reader.ts';
import { type Border, refusal } from '../border.ts';
import { mutate } from '../mutate.ts';
import type { Random } from '../random.ts';

const LIMIT = 1000;

/** A head is the places where the stream is cut. */
export const frames: Border = {
  name: 'frames',
  make(random) {
    const body = Buffer.concat(random.list(random.below(5), () => frame(random)));
    return { head: cuts(body.length, random), body };
  },
  change(known, other, random) {
    const body = mutate(known.body, random, {
      tokens: [frame(random), Buffer.from([0, 0xff, 0xff, 0xff, 0xff])],
      other: other.body,
    });
    return { head: cuts(body.length, random), body };
  },
  take({ head, body }) {
    const expected = split(body);
    const budget = new CountedBudget(64 * 1024);
    const reader = new MessageReader(LIMIT, budget);
    const messages: Buffer[] = [];
    let fault: unknown;
    try {
      for (const chunk of pieces(body, head)) {
        reader.push(chunk);
        for (let one = reader.next(); one !== undefined; one = reader.next()) messages.push(one);
      }
    } catch (error: unknown) {
      fault = error;
    }
    reader.drop();
    assert.deepEqual(messages, expected.messages, 'these are not the messages');
    assert.equal(
      budget.held,
      messages.reduce((sum, { length }) => sum + length, 0),
      'bytes stay held',
    );
    assert.equal(fault !== undefined, expected.isWrong, 'a stream is wrong or right as its prefixes are');
    return `${Math.min(messages.length, 4)} messages ${fault === undefined ? '' : refusal(fault)}`;
  },
};

function frame(random: Random): Buffer {
  const body = random.bytes(random.size(1100));
  const prefix = Buffer.alloc(5);
  prefix[0] = random.chance(0.97) ? random.below(2) : random.below(256);
  prefix.writeUInt32BE(
    random.chance(0.97) ? body.length : random.pick([LIMIT, LIMIT + 1, 2 ** 31, 2 ** 32 - 1, 0]),
    1,
  );
  return Buffer.concat([prefix, body]);
}

function cuts(length: number, random: Random): string {
  return random.list(random.size(8), () => random.below(length + 1)).join(' ');
}

function* pieces(body: Buffer, head: string): Generator<Buffer> {
  const places = [...head.split(' ').map(Number), 0, body.length].toSorted((a, b) => a - b);
  for (const [index, from] of places.entries()) yield body.subarray(from, places[index + 1] ?? body.length);
}

/** The same, read at once and simply. */
function split(body: Buffer): { messages: Buffer[]; isWrong: boolean } {
  const messages: Buffer[] = [];
  let at = 0;
  while (body.length - at >= 5) {
    const length = body.readUInt32BE(at + 1);
    if ((body[at] ?? 0) > 1 || length > LIMIT) return { messages, isWrong: true };
    if (at + 5 + length > body.length) break;
    messages.push(body.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return { messages, isWrong: false };
}
