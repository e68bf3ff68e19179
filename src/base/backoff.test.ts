import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { pauseBefore } from './backoff.ts';

test('a pause doubles at each attempt up to the most', () => {
  const pauses = [0, 1, 2, 3, 4, 5].map(attempt => pauseBefore(attempt, { first: 100, most: 1000 }));
  assert.deepEqual(pauses, [100, 200, 400, 800, 1000, 1000]);
});

test('a pause never shrinks, never passes the most, and stays a number after any count of attempts', () => {
  const backoff = fc.record({
    first: fc.integer({ min: 1, max: 1e6 }),
    most: fc.integer({ min: 1, max: 1e9 }),
  });
  fc.assert(
    fc.property(fc.nat(), backoff, (attempt, { first, most }) => {
      const pause = pauseBefore(attempt, { first, most });
      assert.ok(pause > 0 && pause <= most);
      assert.ok(pauseBefore(attempt + 1, { first, most }) >= pause);
    }),
  );
});
