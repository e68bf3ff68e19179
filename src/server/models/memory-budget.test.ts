import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MemoryBudget } from './memory-budget.ts';

/** A process that holds so many bytes, of which a budget of 1000 gives 750 away. */
function process(resident: number): { resident: number; readonly budget: MemoryBudget } {
  const held = { resident };
  return Object.assign(held, { budget: new MemoryBudget(1000, () => held.resident) });
}

test('there is room until the process holds all but what is left to itself', () => {
  const state = process(200);
  assert(state.budget.hasRoom(550));
  assert(!state.budget.hasRoom(551));
  state.resident = 700;
  assert(state.budget.hasRoom(50));
  assert(!state.budget.hasRoom(51));
});

test('loads that have begun count before they hold anything', () => {
  const { budget } = process(200);
  budget.reserve(400);
  assert(!budget.hasRoom(300));
  budget.settle(400, 0);
  assert(budget.hasRoom(300));
});

test('what a closed model left is room for the next one, once', () => {
  const { budget } = process(800);
  assert(!budget.hasRoom(100));
  budget.leave(100, 0);
  assert(budget.hasRoom(100));
  budget.reserve(100);
  assert(!budget.hasRoom(100));
  budget.settle(100, 100);
  assert(!budget.hasRoom(100));
});

test('what went back to the system is not left to anyone', () => {
  const { budget } = process(800);
  budget.leave(100, 60);
  assert(budget.hasRoom(40));
  assert(!budget.hasRoom(41));
});

test('over the budget, twice as much must be left', () => {
  const state = process(700);
  state.resident = 1100;
  state.budget.leave(100, 0);
  assert(!state.budget.hasRoom(100));
  assert(state.budget.hasRoom(50));
});

test('a model that cannot fit beside the server itself is refused, whatever is unloaded', () => {
  const { budget } = process(300);
  budget.check('m', 700);
  assert.throws(() => budget.check('m', 701), {
    code: 'model_too_large',
    message:
      /'m' of 701 bytes does not fit in the memory budget of 1000 bytes, of which the server itself takes 300/,
  });
});

test('with an allocator that uses again what was freed, the process stays within its budget however models come and go', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 60 }), sizes => {
      const state = process(200);
      const loaded: number[] = [];
      let free = 0;
      for (const size of sizes) {
        for (;;) {
          if (state.budget.hasRoom(size)) break;
          const oldest = loaded.shift();
          assert(oldest !== undefined, 'there is no room although nothing is loaded');
          free += oldest;
          state.budget.leave(oldest, 0);
        }
        state.budget.reserve(size);
        state.resident += Math.max(0, size - free);
        free = Math.max(0, free - size);
        loaded.push(size);
        state.budget.settle(size, size);
        assert(state.resident <= 1000);
      }
    }),
  );
});
