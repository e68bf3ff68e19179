import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CountedBudget } from './fixtures/budget.ts';
import { Gathering } from './gathering.ts';

test('what is gathered is what was added, and its bytes stay held', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 200_000 }), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, all => {
      const budget = new CountedBudget();
      const gathering = new Gathering(1_200_000, budget);
      for (const piece of all) gathering.add(piece);
      const whole = gathering.take();
      assert.ok(whole.equals(Buffer.concat(all)));
      assert.equal(budget.held, whole.length);
    }),
    { numRuns: 50 },
  );
});

test('what is held is what came, not what was announced', () => {
  const budget = new CountedBudget();
  const gathering = new Gathering(1_000_000_000, budget);
  gathering.add(Buffer.alloc(10));
  gathering.add(Buffer.alloc(100_000));
  assert.equal(budget.held, 100_010);
});

for (const [name, came, most, capacity] of [
  ['a few bytes', 10, 1_000_000_000, 64 * 1024],
  ['some', 100_000, 1_000_000_000, 400_000],
  ['nearly all', 60_000, 61_000, 61_000],
  ['much', 2_000_000, 50_000_000, 50_000_000],
] as const) {
  test(`after ${name} of what was announced, the buffer has ${capacity} bytes`, () => {
    const gathering = new Gathering(most, new CountedBudget());
    gathering.add(Buffer.alloc(came));
    assert.equal(gathering.take().buffer.byteLength, capacity);
  });
}

test('what the budget has no room for is not taken, and dropping lets go of the rest', () => {
  const budget = new CountedBudget(100_000);
  const gathering = new Gathering(1_000_000, budget);
  gathering.add(Buffer.alloc(10));
  assert.throws(() => gathering.add(Buffer.alloc(100_000)), { code: 'overloaded' });
  gathering.drop();
  assert.equal(budget.held, 0);
});
