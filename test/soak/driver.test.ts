import assert from 'node:assert/strict';
import test from 'node:test';
import { drive } from './driver.ts';
import type { Kind } from './kind.ts';
import { Tally } from './report/tally.ts';

/** A kind that ends the run after so many times. */
function kindOf(times: number, stop: AbortController, act: (count: number) => Promise<string>): Kind {
  let count = 0;
  return {
    name: 'kind',
    family: 'good',
    rate: 2000,
    most: 3,
    mustSee: [],
    act: () => {
      if (++count === times) stop.abort();
      return act(count);
    },
  };
}

test('what becomes of each is counted, and what was begun is waited for', async () => {
  const stop = new AbortController();
  const tally = new Tally();
  const kind = kindOf(5, stop, async count => {
    await new Promise(resolve => setImmediate(resolve));
    if (count === 2) throw new Error('it  was\nwrong');
    return 'right';
  });
  await drive([kind], { seed: 1, tally, signal: stop.signal });
  assert.equal(tally.rows[0]?.outcomes.get('right'), 4);
  assert.deepEqual(tally.told, ['at 0 s, kind: it was wrong']);
});

test('no more are under way than may be', async () => {
  const stop = new AbortController();
  const tally = new Tally();
  const open: (() => void)[] = [];
  const held = kindOf(3, stop, () => new Promise(resolve => open.push(() => resolve('right'))));
  const one: Kind = { ...held, most: 1 };
  const driven = drive([one], { seed: 1, tally, signal: stop.signal });
  while ((tally.rows[0]?.left ?? 0) < 5) await new Promise(resolve => setImmediate(resolve));
  stop.abort();
  assert.equal(open.length, 1);
  for (const end of open) end();
  await driven;
  assert.equal(tally.done, 1);
});
