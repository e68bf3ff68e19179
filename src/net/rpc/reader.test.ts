import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CountedBudget } from './fixtures/budget.ts';
import { MessageReader } from './reader.ts';

function message(body: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map(place => place % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index] ?? bytes.length));
}

const bodies = fc.array(
  fc.record({
    body: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 60_000, maxLength: 70_000 })),
    flag: fc.constantFrom(0, 1),
  }),
  { maxLength: 5 },
);

test('messages are the same however the stream is cut, and all of their bytes are held', () => {
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(), { maxLength: 20 }), (sent, places) => {
      const budget = new CountedBudget();
      const reader = new MessageReader(70_000, budget);
      const got: { body: Buffer; flag: number }[] = [];
      for (const chunk of cut(Buffer.concat(sent.map(({ body, flag }) => message(body, flag))), places)) {
        reader.push(chunk);
        for (let body = reader.next(); body !== undefined; body = reader.next())
          got.push({ body, flag: Number(reader.compressed) });
      }
      assert.deepEqual(
        got.map(({ flag }) => flag),
        sent.map(({ flag }) => flag),
      );
      for (const [index, { body }] of sent.entries()) assert.ok(got[index]?.body.equals(body));
      assert.equal(
        budget.held,
        sent.reduce((sum, { body }) => sum + body.length, 0),
      );
      assert.equal(reader.begun, false);
    }),
    { numRuns: 100 },
  );
});

test('messages that are pushed before the earlier ones are taken are not lost', () => {
  const reader = new MessageReader(100, new CountedBudget());
  for (const text of ['a', 'b', 'c']) reader.push(message(Buffer.from(text)));
  assert.deepEqual([reader.next(), reader.next(), reader.next()].map(String), ['a', 'b', 'c']);
  assert.equal(reader.next(), undefined);
});

test('a message that came whole is not copied', () => {
  const chunk = message(Buffer.alloc(5000));
  const reader = new MessageReader(5000, new CountedBudget());
  reader.push(chunk);
  assert.equal(reader.next()?.buffer, chunk.buffer);
});

test('a small message does not keep a large read in memory', () => {
  const chunk = Buffer.concat([message(Buffer.from('small')), Buffer.alloc(60_000)]);
  const reader = new MessageReader(100, new CountedBudget());
  reader.push(chunk);
  const small = reader.next();
  assert.equal(String(small), 'small');
  assert.notEqual(small?.buffer, chunk.buffer);
});

test('a message over the limit is refused from its prefix, before memory is taken for it', () => {
  const budget = new CountedBudget();
  const reader = new MessageReader(100, budget);
  reader.push(message(Buffer.alloc(101)).subarray(0, 5));
  assert.throws(() => reader.next(), { code: 'body_too_large' });
  assert.equal(budget.held, 0);
});

test('the announced length alone takes no memory', () => {
  const budget = new CountedBudget();
  const reader = new MessageReader(2 ** 32, budget);
  reader.push(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]));
  assert.equal(reader.next(), undefined);
  assert.equal(budget.held, 3);
  reader.drop();
  assert.equal(budget.held, 0);
});

test('a flag that means nothing is refused', () => {
  const reader = new MessageReader(100, new CountedBudget());
  reader.push(message(Buffer.alloc(1), 2));
  assert.throws(() => reader.next(), { code: 'rpc_malformed' });
});

for (const [name, bytes, begun] of [
  ['nothing', Buffer.alloc(0), false],
  ['part of a prefix', Buffer.alloc(3), true],
  ['a prefix alone', Buffer.from([0, 0, 0, 0, 1]), true],
  ['part of a message', Buffer.from([0, 0, 0, 0, 2, 1]), true],
  ['an empty message', Buffer.from([0, 0, 0, 0, 0]), false],
] as const) {
  test(`after ${name}, a message has ${begun ? '' : 'not '}begun`, () => {
    const reader = new MessageReader(100, new CountedBudget());
    reader.push(bytes);
    reader.next();
    assert.equal(reader.begun, begun);
  });
}
