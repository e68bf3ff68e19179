import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.ts';

test('a period takes as many as it says at once, and then they come one by one', () => {
  const bucket = new TokenBucket({ count: 4, periodMs: 1000 });
  const at = (now: number): number => bucket.take(now);
  assert.deepEqual([at(0), at(0), at(0), at(0)], [0, 0, 0, 0]);
  assert.equal(at(0), 250);
  assert.equal(at(249), 1);
  assert.equal(at(250), 0);
  assert.equal(at(250), 250);
  assert.deepEqual([at(1250), at(1250), at(1250), at(1250)], [0, 0, 0, 0]);
  assert.equal(at(1250), 250);
});

test('who was quiet for long has no more than a period', () => {
  const bucket = new TokenBucket({ count: 2, periodMs: 60_000 });
  assert.deepEqual([bucket.take(1e9), bucket.take(1e9)], [0, 0]);
  assert.equal(bucket.take(1e9), 30_000);
});

const rate = fc.record({
  count: fc.integer({ min: 1, max: 1000 }),
  periodMs: fc.constantFrom(1000, 60_000, 3_600_000),
});
const pauses = fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { minLength: 1, maxLength: 300 });

test('between any two moments no more are taken than a period and what has come since', () => {
  fc.assert(
    fc.property(rate, pauses, (of, steps) => {
      const bucket = new TokenBucket(of);
      const taken: number[] = [];
      let now = 1000;
      for (const step of steps) {
        now += step;
        if (bucket.take(now) === 0) taken.push(now);
      }
      for (const [first, from] of taken.entries())
        for (const [last, to] of taken.entries()) {
          const most = of.count + ((to - from) * of.count) / of.periodMs;
          if (last >= first) assert.ok(last - first + 1 <= most + 1e-6, `${last - first + 1} > ${most}`);
        }
    }),
    { numRuns: 60 },
  );
});

test('who comes again after the time that was said gets one, and not a moment sooner', () => {
  fc.assert(
    fc.property(rate, pauses, (of, steps) => {
      const bucket = new TokenBucket(of);
      const early = new TokenBucket(of);
      let now = 0;
      for (const step of steps) {
        now += step;
        early.take(now);
        const wait = bucket.take(now);
        if (wait === 0) continue;
        assert.ok(wait > 0);
        assert.ok(early.take(now + wait * 0.999 - 1e-6) > 0);
        now += wait;
        assert.equal(bucket.take(now), 0);
        early.take(now);
      }
    }),
    { numRuns: 60 },
  );
});

test('over a long time exactly as many are taken as the rate says', () => {
  const bucket = new TokenBucket({ count: 7, periodMs: 1000 });
  let taken = 0;
  for (let now = 0; now <= 1_000_000; now++) while (bucket.take(now) === 0) taken += 1;
  assert.equal(taken, 7 + 7000);
});
