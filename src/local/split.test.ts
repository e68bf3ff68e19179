import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Share, type Split, sameShares, startSplit, takeTurn } from './split.ts';

function turns(shares: readonly Share[], count: number): string[] {
  let split: Split = startSplit(shares);
  return Array.from({ length: count }, () => {
    const turn = takeTurn(split);
    if (turn === undefined) return 'nobody';
    split = turn.split;
    return turn.name;
  });
}

const shareList = fc
  .array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 12 })
  .filter(weights => weights.some(weight => weight > 0))
  .map(weights => weights.map((weight, index): Share => ({ name: `r${index}`, weight })));

for (const [stable, candidate] of [
  [90, 10],
  [99, 1],
  [50, 50],
  [67, 33],
  [100, 0],
] as const) {
  test(`any 100 turns in a row of ${stable}/${candidate} are exactly ${stable}/${candidate}`, () => {
    const order = turns(
      [
        { name: 'stable', weight: stable },
        { name: 'candidate', weight: candidate },
      ],
      400,
    );
    for (let start = 0; start <= 300; start++) {
      const had = order.slice(start, start + 100).filter(name => name === 'candidate').length;
      assert.equal(had, candidate, `turns ${start} to ${start + 99}`);
    }
  });
}

test('after any number of turns each share is less than one turn away from its exact part', () => {
  fc.assert(
    fc.property(shareList, shares => {
      const total = shares.reduce((sum, { weight }) => sum + weight, 0);
      const had = new Map(shares.map(({ name }) => [name, 0]));
      for (const [index, name] of turns(shares, Math.min(2 * total, 1500)).entries()) {
        had.set(name, (had.get(name) ?? 0) + 1);
        for (const { name: one, weight } of shares)
          assert.ok(Math.abs((had.get(one) ?? 0) * total - (index + 1) * weight) < total, `turn ${index}`);
      }
    }),
    { numRuns: 200 },
  );
});

test('after as many turns as the weights add up to, everybody has had exactly their weight and nobody is owed', () => {
  fc.assert(
    fc.property(shareList, shares => {
      let split = startSplit(shares);
      const had = new Map<string, number>();
      const total = shares.reduce((sum, { weight }) => sum + weight, 0);
      for (let turn = 0; turn < total; turn++) {
        const next = takeTurn(split);
        assert.ok(next);
        had.set(next.name, (had.get(next.name) ?? 0) + 1);
        split = next.split;
      }
      for (const { name, weight } of shares) assert.equal(had.get(name) ?? 0, weight);
      assert.ok(split.credits.every(credit => credit === 0));
    }),
  );
});

test('weights of 0 get no turn, and all 0 gives nobody one', () => {
  assert.deepEqual(turns([{ name: 'a', weight: 0 }], 2), ['nobody', 'nobody']);
  assert.deepEqual(turns([], 1), ['nobody']);
});

test('shares are the same when names and weights are, in order', () => {
  const a = [{ name: 'a', weight: 1 }];
  assert.ok(sameShares(a, [{ name: 'a', weight: 1 }]));
  assert.ok(!sameShares(a, [{ name: 'a', weight: 2 }]));
  assert.ok(!sameShares(a, [{ name: 'b', weight: 1 }]));
  assert.ok(!sameShares(a, [...a, { name: 'b', weight: 1 }]));
});
