import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from '#base';
import { drainMs, isNotice, type Seen, watchNotice } from './spot-notice.ts';

const BOOT = 1000;
const empty: Seen = { size: 0, modifiedMs: 2000 };
const written: Seen = { size: 5, modifiedMs: 2000 };
const old: Seen = { size: 5, modifiedMs: 500 };

const cases: readonly (readonly [string, Seen | null | undefined, Seen | null, boolean])[] = [
  ['nothing there at first', undefined, null, false],
  ['still nothing', null, null, false],
  ['an empty file appears', null, empty, true],
  ['a file appears with something in it', null, written, true],
  ['an old file is moved there', null, old, true],
  ['an empty file was there at first', undefined, empty, false],
  ['it is still empty', empty, empty, false],
  ['something is written to it', empty, written, true],
  ['it said something at first, since the machine started', undefined, written, true],
  ['it said something before the machine started', undefined, old, false],
  ['it still says the same', old, old, false],
  ['it says something new', old, { ...old, modifiedMs: 2000 }, true],
  ['it is emptied', old, empty, false],
  ['it is taken away', old, null, false],
];

for (const [name, before, now, expected] of cases) {
  test(`${name}: ${expected ? 'a' : 'no'} notice`, () => assert.equal(isNotice(before, now, BOOT), expected));
}

test('of the budget something is left for the process to end', () => {
  assert.deepEqual([1000, 25_000, 120_000].map(drainMs), [800, 24_000, 119_000]);
});

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-notice-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Watched {
  readonly said: string[];
  readonly noticed: Promise<void>;
  count: number;
}

function watched(t: TestContext, path: string): Watched {
  const said: string[] = [];
  const logger: Logger = { enabled: () => true, log: (_level, message) => void said.push(message) };
  const { promise, resolve } = Promise.withResolvers<void>();
  const found: Watched = { said, noticed: promise, count: 0 };
  const onNotice = (): void => {
    found.count++;
    resolve();
  };
  t.after(watchNotice(path, logger, onNotice));
  return found;
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await setTimeout(5);
}

test('a file is watched for, in a folder that comes later too, and its notice is told once', async t => {
  const folder = join(folderOf(t), 'later');
  const { noticed, ...found } = watched(t, join(folder, 'notice'));
  mkdirSync(folder);
  // With something in it: the first look may come only now, and an empty file that was there at first is no notice.
  writeFileSync(join(folder, 'notice'), 'terminate');
  await noticed;
  assert.deepEqual(found.said, []);
});

test('what was written before the machine started is passed over, and what comes after it is told', async t => {
  const path = join(folderOf(t), 'notice');
  writeFileSync(path, 'old');
  utimesSync(path, 1, 1);
  const found = watched(t, path);
  await until(() => found.said.length > 0);
  assert.match(found.said[0] ?? '', /older than this machine has run/);
  assert.equal(found.count, 0);
  writeFileSync(path, 'new');
  await found.noticed;
});

test('what is no file is said once, and a file in its place is a notice', async t => {
  const path = join(folderOf(t), 'notice');
  mkdirSync(path);
  const found = watched(t, path);
  await until(() => found.said.length > 0);
  assert.deepEqual(found.said, ['the notice cannot be looked for']);
  rmSync(path, { recursive: true });
  writeFileSync(path, 'now');
  await found.noticed;
});
