import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { plainNumbers } from './plain-numbers.ts';

function read(text: string) {
  const found = plainNumbers(Buffer.from(text), 0);
  return found && { ...found, values: Array.from(found.values) };
}

const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,8})$/);
const number = fc
  .tuple(fc.constantFrom('', '-'), digits, fc.option(fc.stringMatching(/^[0-9]{1,6}$/)))
  .map(([sign, whole, part]) => `${sign}${whole}${part === null ? '' : `.${part}`}`);
const space = fc.constantFrom('', ' ', '\n\t ');
const rows = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }));

test('lists and matrices of short numbers are read as JSON.parse reads them, bit by bit', () => {
  const matrix = fc.tuple(rows, fc.array(number, { minLength: 20, maxLength: 20 }), space);
  fc.assert(
    fc.property(matrix, fc.boolean(), ([[height, width], numbers, gap], flat) => {
      const lines = Array.from({ length: height }, (_, row) => numbers.slice(row * width, (row + 1) * width));
      const texts = lines.map(line => `[${gap}${line.join(`${gap},${gap}`)}${gap}]`);
      const text = flat ? (texts[0] ?? '') : `[${gap}${texts.join(`${gap},${gap}`)}${gap}]`;
      const found = read(`${text} ,`);
      const parsed = (JSON.parse(text) as unknown[]).flat() as number[];
      assert.equal(found?.end, text.length);
      assert.deepEqual(found.shape, flat ? [width] : [height, width]);
      assert(found.values.every((value, index) => Object.is(value, parsed[index])));
    }),
  );
});

const others: readonly string[] = [
  '1',
  '[]',
  '[[]]',
  '[1,]',
  '[1',
  '[1 2]',
  '[01]',
  '[-]',
  '[1.]',
  '[.5]',
  '[+1]',
  '[1e3]',
  '[NaN]',
  '["1"]',
  '[[1],[1,2]]',
  '[[1],2]',
  '[1,[2]]',
  '[[[1]]]',
  '[1234567890123456]',
  '[0.1234567890123456]',
  `[${'1,'.repeat(4096)}1]`,
  '[[1],',
  '[[1]',
];

for (const text of others)
  test(`what is not plain is left to others: ${text.slice(0, 24)}`, () => {
    assert.equal(read(text), undefined);
  });
