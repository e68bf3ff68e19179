import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conditions } from './conditions.ts';

const never = new AbortController().signal;

test('who waits goes on with the change that brings it about', async () => {
  const conditions = new Conditions();
  let count = 0;
  const waiting = conditions.until(() => count === 2, never);
  for (count = 1; count < 2; count++) conditions.look();
  conditions.look();
  await waiting;
});

test('what holds already is not waited for', () => new Conditions().until(() => true, never));

test('a condition that throws ends the wait with what it threw', async () => {
  const thrown = new Error('it cannot come true');
  const met = (): boolean => {
    throw thrown;
  };
  await assert.rejects(new Conditions().until(met, never), thrown);
});

test('the end ends every wait, with the reason that is given for it', async () => {
  const [conditions, end] = [new Conditions(), new AbortController()];
  let looks = 0;
  const met = (): boolean => (looks++, false);
  const waits = [
    assert.rejects(conditions.until(met, end.signal), /closed/),
    assert.rejects(
      conditions.until(met, end.signal, () => new Error('late')),
      /late/,
    ),
  ];
  end.abort(new Error('closed'));
  await Promise.all(waits);
  const before = looks;
  conditions.look();
  assert.equal(looks, before, 'nobody looks any more');
  await assert.rejects(conditions.until(met, end.signal), /closed/);
});
