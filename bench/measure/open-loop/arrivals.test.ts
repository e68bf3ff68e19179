import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { schedule } from './arrivals.ts';

test('even arrivals are a metronome, and a phase begins when the one before it ends', () => {
  const { at, starts } = schedule(
    [
      { rate: 4, seconds: 1 },
      { rate: 2, seconds: 1 },
    ],
    'even',
    1,
  );
  assert.deepEqual([...at], [0, 250, 500, 750, 1000, 1500]);
  assert.deepEqual(starts, [0, 4, 6]);
});

test('Poisson arrivals have the rate asked for, gaps that vary as much as they last, and no memory', () => {
  const { at } = schedule([{ rate: 1000, seconds: 100 }], 'poisson', 7);
  const gaps = [...at].slice(1).map((time, index) => time - (at[index] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  const next = gaps.slice(1).reduce((sum, gap, index) => sum + (gap - mean) * ((gaps[index] ?? 0) - mean), 0);
  assert.ok(Math.abs(mean - 1) < 0.02, `a gap lasts ${mean} ms`);
  assert.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.02, `CV ${Math.sqrt(variance) / mean}`);
  assert.ok(Math.abs(next / gaps.length / variance) < 0.02, 'a gap tells of the next');
});

test('times ascend within their phases, and a seed gives the same again', () => {
  const phase = fc.record({
    rate: fc.double({ min: 0.1, max: 500, noNaN: true }),
    seconds: fc.double({ min: 0.01, max: 5, noNaN: true }),
  });
  const phases = fc.array(phase, { minLength: 1, maxLength: 4 });
  const pattern = fc.constantFrom('poisson' as const, 'even' as const);
  fc.assert(
    fc.property(phases, pattern, fc.integer(), (list, kind, seed) => {
      const one = schedule(list, kind, seed);
      assert.deepEqual(one, schedule(list, kind, seed));
      let begin = 0;
      for (const [index, { seconds }] of list.entries()) {
        const times = [...one.at.subarray(one.starts[index], one.starts[index + 1])];
        const end = begin + seconds * 1000;
        assert.ok(times.every(time => time >= begin && time <= end));
        assert.deepEqual(
          times,
          times.toSorted((a, b) => a - b),
        );
        begin = end;
      }
      assert.equal(one.starts.at(-1), one.at.length);
    }),
  );
});

for (const phase of [
  { rate: 0, seconds: 1 },
  { rate: 1, seconds: -1 },
  { rate: Number.NaN, seconds: 1 },
  { rate: 1e6, seconds: 1e6 },
]) {
  test(`${phase.rate} requests/s for ${phase.seconds} s is refused`, () => {
    assert.throws(() => schedule([phase], 'even', 1), RangeError);
  });
}
