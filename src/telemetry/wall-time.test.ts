import assert from 'node:assert/strict';
import test from 'node:test';
import { WallTime } from './wall-time.ts';

test('a look that is interrupted between both clocks moves no span', () => {
  let now = 0;
  let interrupted = 0;
  const clock = {
    now: () => now,
    date: () => {
      const date = new Date(1000 + now);
      now += interrupted;
      return date;
    },
  };
  const wall = new WallTime(clock);
  wall.look();
  interrupted = 40;
  wall.look();
  assert.equal(wall.of(7), 1007);
});
