import assert from 'node:assert/strict';
import test from 'node:test';
import { table } from './table.ts';

test('columns are as wide as their widest cell, numbers end alike, and no line ends in spaces', () => {
  const rows = [
    ['what', 'size', ''],
    ['a model', '1', 'x'],
    ['b', '100', ''],
  ];
  assert.equal(table(rows, [1]), 'what     size\na model     1  x\nb         100\n');
  assert.equal(table(rows), 'what     size\na model  1     x\nb        100\n');
});
