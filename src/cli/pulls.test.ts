import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Progress } from '#store';
import { tellLogger, tellTerminal } from './pulls.ts';
import { Terminal } from './terminal.ts';

const uri = 's3://m/1';
const usual: Progress = { uri, phase: 'fetching', files: 1, total: 100, done: 0, reused: 0 };

function clock(t: TestContext): { now: number } {
  const time = { now: 0 };
  t.mock.method(performance, 'now', () => time.now);
  return time;
}

function terminal(isTTY: boolean): { terminal: Terminal; written: string[] } {
  const written: string[] = [];
  const stream = { isTTY, columns: 200, write: (text: string) => written.push(text) > 0 };
  return { terminal: new Terminal(stream as unknown as NodeJS.WriteStream), written };
}

test('elsewhere than on a terminal there is a line every ten seconds, and one at the end', t => {
  const time = clock(t);
  const { terminal: to, written } = terminal(false);
  const tell = tellTerminal(to);
  for (let second = 0; second <= 25; second++) {
    time.now = second * 1000;
    tell({ ...usual, done: second });
  }
  tell({ ...usual, phase: 'done', done: 100 });
  assert.equal(written.length, 3);
  assert.match(written[0] ?? '', / {2}10 % {2}10 B of 100 B, 1 file {2}1 B\/s {2}2 min left\n$/);
  assert.equal(written[2], 's3://m/1  100 B, 1 file\n');
});

test('on a terminal a line is redrawn, and nothing of it stays', t => {
  const time = clock(t);
  const { terminal: to, written } = terminal(true);
  const tell = tellTerminal(to);
  for (const now of [0, 50, 120, 150, 260]) {
    time.now = now;
    tell({ ...usual, done: now / 10 });
  }
  assert.deepEqual(
    written.map(text => /(\d+) %/.exec(text)?.[1]),
    ['12', '26'],
  );
  tell({ ...usual, phase: 'done', done: 100 });
  assert.equal(written.at(-1), '\r\x1b[2K');
});

test('what was here already is not talked about; what was fetched a server tells at its end', t => {
  const time = clock(t);
  const lines: unknown[] = [];
  const tell = tellLogger({ enabled: () => true, log: (_, message, facts) => lines.push([message, facts]) });
  tell({ ...usual, phase: 'verifying' });
  tell({ ...usual, phase: 'done', done: 100, reused: 100 });
  assert.deepEqual(lines, []);
  tell(usual);
  time.now = 1000;
  tell({ ...usual, phase: 'done', done: 100 });
  const { uri: _uri, ...facts } = { ...usual, phase: 'done', done: 100 };
  assert.deepEqual(lines, [['model fetched', { uri, ...facts }]]);
});
