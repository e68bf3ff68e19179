import assert from 'node:assert/strict';
import test from 'node:test';
import { Chatter } from './chatter.ts';

test('a hundred lines in ten seconds are passed on, and of more their number', () => {
  const chatter = new Chatter();
  const said = Array.from({ length: 250 }, (_, at) => chatter.hear(`line ${at}`, 1000 + at)).flat();
  assert.deepEqual([said.length, said.at(-1)], [100, 'line 99']);
  assert.deepEqual(chatter.hear('later', 11_000), ['(150 lines more were left out)', 'later']);
  assert.deepEqual(chatter.hear('and more', 11_001), ['and more']);
});
