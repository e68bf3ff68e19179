import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AnswerRoom, type Waiter } from './answer-room.ts';

/** A waiter that tells its name. */
function waiter(name: string, told: string[]): Waiter {
  return { roomy: () => void told.push(name) };
}

test('who does not fit waits, and is told in the order of asking', () => {
  const told: string[] = [];
  const room = new AnswerRoom(100);
  assert.ok(room.take(60, waiter('a', told)));
  assert.equal(room.take(60, waiter('b', told)), false);
  assert.equal(room.take(10, waiter('c', told)), false, 'the small one does not pass by');
  room.give(60);
  assert.deepEqual(told, ['b', 'c']);
});

test('one that is larger than all there is gets it alone', () => {
  const told: string[] = [];
  const room = new AnswerRoom(100);
  assert.ok(room.take(1, waiter('a', told)));
  assert.equal(room.take(1000, waiter('b', told)), false);
  room.give(1);
  assert.deepEqual(told, ['b']);
  assert.equal(room.take(1, waiter('c', told)), false);
});

test('who waits no longer makes way', () => {
  const told: string[] = [];
  const room = new AnswerRoom(100);
  const b = waiter('b', told);
  room.take(60, waiter('a', told));
  room.take(60, b);
  room.take(40, waiter('c', told));
  room.leave(b);
  assert.deepEqual(told, ['c']);
  room.leave(b);
});

test('no more is ever taken than there is, but for one alone, and everybody has a turn', () => {
  const wants = fc.array(fc.integer({ min: 1, max: 150 }), { maxLength: 30 });
  fc.assert(
    fc.property(wants, all => {
      const room = new AnswerRoom(100);
      const having: number[] = [];
      let served = 0;
      const got = (bytes: number): void => {
        having.push(bytes);
        served += 1;
        const sum = having.reduce((total, one) => total + one, 0);
        assert.ok(sum <= 100 || having.length === 1);
      };
      for (const bytes of all) if (room.take(bytes, { roomy: () => got(bytes) })) got(bytes);
      for (let bytes = having.shift(); bytes !== undefined; bytes = having.shift()) room.give(bytes);
      assert.equal(served, all.length);
    }),
  );
});
