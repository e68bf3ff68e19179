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

test('a line says how far it is, and one that does not fit is cut before the edge, where it would wrap', () => {
  const [wide, narrow] = [told(80), told(20)];
  const step = { phase: 'push', done: 512, total: 1024 };
  wide.tell(step);
  narrow.tell(step);
  assert.deepEqual(wide.lines, ['push  ██████████░░░░░░░░░░  512 B of 1.0 KiB']);
  assert.deepEqual(narrow.lines, ['push  ██████████░░…']);
  assert.equal(narrow.lines[0]?.length, 19);
});

test('what is no terminal is told nothing', () => {
  const { lines, tell } = told(80, false);
  tell({ phase: 'push', done: 0, total: 1024 });
  assert.deepEqual(lines, []);
});
