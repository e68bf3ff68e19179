import assert from 'node:assert/strict';
import test from 'node:test';
import type { Logger } from '#base';
import { logNotes, noteText } from './note.ts';

test('each note is one line of the log', () => {
  const lines: unknown[] = [];
  const log: Logger['log'] = (level, message, facts) => void lines.push([level, message, facts]);
  const notes = [
    { field: 'runtime', value: '"a.so"', why: 'it is not chosen', at: 'config.pbtxt:7' },
    { field: 'version 3', value: '', why: 'not served' },
  ];
  logNotes('digits', notes, { log, enabled: () => true });
  assert.deepEqual(lines, [
    ['warn', 'repository note', { model: 'digits', ...notes[0] }],
    ['warn', 'repository note', { model: 'digits', ...notes[1] }],
  ]);
});

test('a note is a line for people, whatever is written', () => {
  assert.equal(
    noteText({ field: 'a', value: '"\n\u001b"', why: 'no', at: 'f:1' }),
    'a "\\n\\u001b" (f:1): no',
  );
});
