import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageBudget } from './message-budget.ts';

test('what is held is bounded, and let go of', () => {
  const budget = new MessageBudget(100);
  budget.hold(60);
  assert.throws(() => budget.hold(60), { code: 'overloaded' });
  budget.release(60);
  budget.hold(100);
});

test('the largest message that any server takes has room', () => {
  const budget = new MessageBudget(100);
  budget.update([50, 300]);
  assert.equal(budget.largest, 300);
  budget.hold(300);
  assert.throws(() => budget.hold(1), { code: 'overloaded' });
  budget.update([]);
  assert.equal(budget.largest, 0);
});
