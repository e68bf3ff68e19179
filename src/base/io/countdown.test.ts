import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Countdown } from './countdown.ts';

/** A countdown of 10 s on a clock that the test moves, and what has passed. */
function counting(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const countdown = new Countdown({ now: () => Date.now(), date: () => new Date() }, 10_000);
  const passed: string[] = [];
  const note = (name: string, leftOf?: (whole: number) => number): void =>
    void countdown.passes(leftOf).then(() => passed.push(name));
  const after = async (ms: number): Promise<string[]> => {
    t.mock.timers.tick(ms);
    await turn();
    return passed;
  };
  return { countdown, note, after };
}

test('moments are told of in their order, reckoned from the end', async t => {
  const { countdown, note, after } = counting(t);
  note('end');
  note('half', whole => whole / 2);
  note('near', () => 1000);
  assert.deepEqual(await after(4999), []);
  assert.deepEqual(await after(1), ['half']);
  assert.deepEqual(await after(4000), ['half', 'near']);
  assert.equal(countdown.left, 1000);
  assert.deepEqual(await after(1000), ['half', 'near', 'end']);
  note('late');
  assert.deepEqual(await after(0), ['half', 'near', 'end', 'late']);
});

test('it may be told to be quicker, and moments come earlier with it', async t => {
  const { countdown, note, after } = counting(t);
  note('half', whole => whole / 2);
  note('end');
  await after(1000);
  countdown.shorten(2000);
  assert.equal(countdown.left, 2000);
  assert.deepEqual(await after(1000), ['half']);
  assert.deepEqual(await after(1000), ['half', 'end']);
});

test('it is never slower than it was', async t => {
  const { countdown, after } = counting(t);
  await after(9000);
  countdown.shorten(5000);
  assert.equal(countdown.left, 1000);
});

test('once ended, it tells of nothing', async t => {
  const { countdown, note, after } = counting(t);
  note('end');
  countdown.end();
  assert.deepEqual(await after(20_000), []);
});
