import assert from 'node:assert/strict';
import test from 'node:test';
import { tellSteps } from './image-line.ts';

function told(columns: number, isTerminal = true): { lines: string[]; tell: ReturnType<typeof tellSteps> } {
  const lines: string[] = [];
  return { lines, tell: tellSteps({ isTerminal, columns, live: text => void lines.push(text) }) };
}

test('a step that begins is shown at once, and what comes right after it is not', () => {
  const { lines, tell } = told(80);
  tell({ phase: 'gather the program', done: 0, total: undefined });
  tell({ phase: 'look into debian', done: 0, total: undefined });
  tell({ phase: 'push', done: 512, total: 1024 });
  assert.deepEqual(lines, ['gather the program', 'look into debian']);
});

const widths: readonly (readonly [columns: number, line: string])[] = [
  [80, 'fetch registry.local/base:1  ██████████░░░░░░░░░░  512 B of 1.0 KiB'],
  [60, 'fetch registry.loc…  ██████████░░░░░░░░░░  512 B of 1.0 KiB'],
  [30, 'fetch regis…  ██████████░░░░…'],
];

for (const [columns, line] of widths)
  test(`in ${columns} columns a line says how far it is, and does not reach the edge, where it would wrap`, () => {
    const { lines, tell } = told(columns);
    tell({ phase: 'fetch registry.local/base:1', done: 512, total: 1024 });
    assert.deepEqual(lines, [line]);
    assert.ok(line.length < columns);
  });

test('what is no terminal is told nothing', () => {
  const { lines, tell } = told(80, false);
  tell({ phase: 'push', done: 0, total: 1024 });
  assert.deepEqual(lines, []);
});
