import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuSeconds, familyOf, parseResident, parseStat, residentBytes } from './usage.ts';

test('a stat line gives parent and CPU ticks, whatever the process is called', () => {
  const line = '42 (a) b (c) S 7 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 11 0 1234 0 0';
  assert.deepEqual(parseStat(line), { pid: 42, parent: 7, ticks: 300 });
});

test('resident memory is read in bytes, and a process that has ended holds none', () => {
  assert.equal(parseResident('Name:\tnode\nVmRSS:\t  2048 kB\nRssAnon:\t 1 kB\n'), 2 * 1024 * 1024);
  assert.equal(parseResident(''), 0);
});

test('a family is the process, its children and theirs, and nobody else', () => {
  const processes = [
    { pid: 1, parent: 0, ticks: 0 },
    { pid: 2, parent: 1, ticks: 0 },
    { pid: 3, parent: 2, ticks: 0 },
    { pid: 4, parent: 1, ticks: 0 },
  ];
  assert.deepEqual(
    familyOf(2, processes).map(({ pid }) => pid),
    [2, 3],
  );
});

test('this process has used CPU and holds memory', () => {
  assert.ok(cpuSeconds(process.pid) > 0);
  assert.ok(residentBytes(process.pid) > 1024 * 1024);
});
