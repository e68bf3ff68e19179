import assert from 'node:assert/strict';
import test from 'node:test';
import { parseMachine, shareOfOthers } from './machine.ts';

test('what the machine did is read without its idle time', () => {
  const text = 'cpu  100 10 50 800 40 0 0 0 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n';
  assert.deepEqual(parseMachine(text), { all: 1000, busy: 160 });
});

test('others had what the machine did beyond what is ours', () => {
  const before = { all: 1000, busy: 100, ours: 0 };
  assert.equal(shareOfOthers(before, { all: 2000, busy: 900, ours: 3 }), 0.5);
  assert.equal(shareOfOthers(before, { all: 2000, busy: 200, ours: 3 }), 0);
  assert.equal(shareOfOthers(before, before), 0);
});
