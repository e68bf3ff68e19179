import assert from 'node:assert/strict';
import test from 'node:test';
import { Factors } from './factors.ts';

test('while a file is replaced either factor may answer, afterwards only the new one', () => {
  const factors = new Factors();
  const before = factors.now;
  assert.deepEqual(factors.since(before), [2]);
  const settle = factors.propose(7);
  assert.deepEqual(factors.since(factors.now), [2, 7]);
  settle();
  assert.deepEqual(factors.since(factors.now), [7]);
  assert.deepEqual(factors.since(before), [2, 7]);
  assert.equal(factors.latest, 7);
});
