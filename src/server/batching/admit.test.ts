import assert from 'node:assert/strict';
import test from 'node:test';
import { expectedMs } from './admit.ts';

const full = { rows: 16, ms: 24 };
const cases: readonly { title: string; ahead: Parameters<typeof expectedMs>[0]; ms: number }[] = [
  {
    title: 'with nothing ahead, its own batch is all it waits for',
    ahead: { rows: 0, busyMs: 0, width: 1 },
    ms: 24,
  },
  { title: 'what is under way comes first', ahead: { rows: 0, busyMs: 10, width: 1 }, ms: 34 },
  { title: 'fewer rows than a batch has go with it', ahead: { rows: 15, busyMs: 0, width: 1 }, ms: 24 },
  { title: 'each full batch ahead takes its time', ahead: { rows: 40, busyMs: 10, width: 1 }, ms: 82 },
  { title: 'several share what is ahead', ahead: { rows: 64, busyMs: 0, width: 2 }, ms: 72 },
];

for (const { title, ahead, ms } of cases)
  test(`an answer's time: ${title}`, () => {
    assert.equal(expectedMs(ahead, full), ms);
  });
