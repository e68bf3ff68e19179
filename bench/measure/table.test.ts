import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFigure, formatSpread, renderTable } from './table.ts';

const figures = [
  { name: 'a large figure is whole, with thousands apart', value: 24_621.4, text: '24,621' },
  { name: 'a figure keeps three digits', value: 7.8349, text: '7.83' },
  { name: 'trailing zeros go', value: 12, text: '12' },
  { name: 'zeros before the point stay', value: 90, text: '90' },
  { name: 'rounding up to a hundred stays plain', value: 99.97, text: '100' },
  { name: 'nothing is a dash', value: Number.NaN, text: '–' },
  { name: 'zero is zero', value: 0, text: '0' },
];

for (const { name, value, text } of figures) {
  test(name, () => assert.equal(formatFigure(value), text));
}

test('a spread shows the median first and the extremes in brackets', () => {
  assert.equal(formatSpread({ median: 5, min: 4.25, max: 1000 }), '5 (4.25–1,000)');
});

test('a table aligns its figures right and its names left', () => {
  const table = renderTable(['server', 'c=1'], [['floor', '10']]);
  assert.equal(table, '| server | c=1 |\n| --- | --: |\n| floor | 10 |');
});
