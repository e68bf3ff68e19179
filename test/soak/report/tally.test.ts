import assert from 'node:assert/strict';
import test from 'node:test';
import { Tally } from './tally.ts';

test('outcomes are counted by their words, and faults beside them', () => {
  const tally = new Tally(() => 7);
  const row = tally.row('plain', 'good');
  for (const words of ['right', 'right', 'refused']) tally.came(row, words, 1);
  tally.fault('it was wrong', row);
  for (const pid of [1, 22]) tally.fault(`${pid} is gone`);
  assert.deepEqual(
    [...row.outcomes],
    [
      ['right', 2],
      ['refused', 1],
    ],
  );
  assert.deepEqual([tally.done, tally.faults, row.faults], [4, 3, 1]);
  assert.deepEqual(tally.told, ['at 7 s, plain: it was wrong', 'at 7 s, 1 is gone (2 times)']);
});

test('what differs each time takes no more memory each time', () => {
  const tally = new Tally();
  const row = tally.row('plain', 'good');
  for (let count = 0; count < 10_000; count++) {
    tally.came(row, `outcome ${count}`, 1);
    tally.fault(`fault ${count.toString(36).replaceAll(/\d/g, 'x')}`);
  }
  assert.ok(row.outcomes.size <= 41);
  assert.equal(row.outcomes.get('others'), 10_000 - 40);
  assert.ok(tally.told.length <= 40);
  assert.equal(tally.faults, 10_000);
});
