import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { type Edit, editsOf } from './edits.ts';

const marks = { same: ' ', gone: '-', new: '+' };
const shown = (edits: readonly Edit[]): string =>
  edits.map(({ kind, line }) => `${marks[kind]}${line}`).join(' ');

const cases = [
  { before: '', after: '', edits: '' },
  { before: 'a b c', after: 'a b c', edits: ' a  b  c' },
  { before: 'a b c', after: 'a x c', edits: ' a -b +x  c' },
  { before: 'a b', after: 'a b c d', edits: ' a  b +c +d' },
  { before: 'a b c d', after: 'c d', edits: '-a -b  c  d' },
  { before: 'a a', after: 'a a a', edits: ' a  a +a' },
  { before: 'a b c a b b a', after: 'c b a b a c', edits: '-a -b  c +b  a  b -b  a +c' },
];

const split = (text: string): string[] => text.split(' ').filter(word => word !== '');

for (const { before, after, edits } of cases) {
  test(`from "${before}" to "${after}"`, () =>
    assert.equal(shown(editsOf(split(before), split(after))), edits));
}

const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 14 });

test('the edits lead from the one to the other, with as few changes as there can be', () => {
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const edits = editsOf(before, after);
      const without = (kind: Edit['kind']) =>
        edits.filter(edit => edit.kind !== kind).map(({ line }) => line);
      assert.deepEqual(without('new'), before);
      assert.deepEqual(without('gone'), after);
      const kept = edits.filter(({ kind }) => kind === 'same').length;
      assert.equal(kept, longestCommon(before, after));
    }),
    { numRuns: 500 },
  );
});

/** By the table that everybody knows. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = b.map(() => 0);
  for (const line of a) {
    const next: number[] = [];
    for (const [at, other] of b.entries()) {
      const diagonal = at === 0 ? 0 : (row[at - 1] ?? 0);
      next.push(line === other ? diagonal + 1 : Math.max(row[at] ?? 0, next[at - 1] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

test('of texts that have nothing in common all lines are replaced, in no time', () => {
  const many = (letter: string) => Array.from({ length: 20_000 }, (_, at) => `${letter}${at}`);
  const edits = editsOf(many('a'), many('b'));
  assert.deepEqual([edits[0]?.line, edits[20_000]?.line, edits.length], ['a0', 'b0', 40_000]);
});
