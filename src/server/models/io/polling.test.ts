import assert from 'node:assert/strict';
import test from 'node:test';
import { Polling } from './polling.ts';

/** Looks when the test says so. */
function bench() {
  const state = { looks: 0, fails: false, slept: [] as number[], logged: [] as string[], wake: () => {} };
  const polling = new Polling(250, {
    scan: async () => {
      state.looks++;
      if (state.fails) throw new Error('the disk is gone');
    },
    sleep: ms => {
      state.slept.push(ms);
      return new Promise(resolve => (state.wake = resolve));
    },
    logger: {
      enabled: () => true,
      log: (_level, message, facts) => void state.logged.push(`${message}: ${String(facts?.['error'])}`),
    },
  });
  const tick = async (): Promise<void> => {
    state.wake();
    await new Promise(resolve => setImmediate(resolve));
  };
  return { state, polling, tick };
}

test('it looks after each pause, and not before the first', async () => {
  const { state, polling, tick } = bench();
  void polling.run();
  assert.equal(state.looks, 0);
  await tick();
  await tick();
  assert.deepEqual([state.looks, state.slept], [2, [250, 250, 250]]);
});

test('a look that fails is logged once, and the next one comes', async () => {
  const { state, polling, tick } = bench();
  void polling.run();
  const gone = 'repository not read: the disk is gone';
  state.fails = true;
  await tick();
  await tick();
  assert.deepEqual([state.looks, state.logged], [2, [gone]]);
  state.fails = false;
  await tick();
  state.fails = true;
  await tick();
  assert.deepEqual([state.looks, state.logged], [4, [gone, gone]]);
});

test('once stopped it looks no more', async () => {
  const { state, polling, tick } = bench();
  const over = polling.run();
  polling.stop();
  await tick();
  await over;
  assert.equal(state.looks, 0);
});
