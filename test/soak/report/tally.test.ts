import assert from 'node:assert/strict';
import test from 'node:test';
import { Tally } from './tally.ts';

test('outcomes are counted by their words, and faults beside them', () => {
  const tally = new Tally();
  const row = tally.row('plain', 'good');
  for (const words of ['right', 'right', 'refused']) tally.came(row, words, 1);
  tally.fault('it was wrong', row);
  tally.fault('it is gone');
  assert.deepEqual(
    [...row.outcomes],
    [
      ['right', 2],
      ['refused', 1],
    ],
  );
  assert.deepEqual([tally.done, tally.faults, row.faults], [4, 2, 1]);
  assert.deepEqual(tally.told, ['plain: it was wrong', 'it is gone']);
});

test('what differs each time takes no more memory each time', () => {
  const tally = new Tally();
  const row = tally.row('plain', 'good');
  for (let count = 0; count < 10_000; count++) {
    tally.came(row, `outcome ${count}`, 1);
    tally.fault(`fault ${count}`);
  }
  assert.ok(row.outcomes.size <= 41);
  assert.equal(row.outcomes.get('others'), 10_000 - 40);
  assert.ok(tally.told.length <= 30);
  assert.equal(tally.faults, 10_000);
});
