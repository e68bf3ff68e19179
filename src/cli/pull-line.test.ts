import assert from 'node:assert/strict';
import test from 'node:test';
import type { Progress } from '#store';
import { pullLine } from './pull-line.ts';

const usual: Progress = {
  uri: 's3://m/digits/3',
  phase: 'fetching',
  files: 3,
  total: 4 * 2 ** 30,
  done: 2 ** 30,
  reused: 0,
};

const lines: readonly { what: string; some?: Partial<Progress>; seconds?: number; line: string }[] = [
  { what: 'before it is known what is there', some: { phase: 'listing' }, line: 'looking what is there' },
  {
    what: 'while another process fetches it',
    some: { phase: 'waiting' },
    line: 'waiting for another process that fetches it',
  },
  {
    what: 'under way',
    line: '█████░░░░░░░░░░░░░░░  25 %  1.0 GiB of 4.0 GiB, 3 files  102 MiB/s  30 s left',
  },
  {
    what: 'that goes on where one was cut off',
    some: { reused: 2 ** 20 },
    line: '█████░░░░░░░░░░░░░░░  25 %  1.0 GiB of 4.0 GiB, 3 files, 1.0 MiB of it were here  102 MiB/s  30 s left',
  },
  { what: 'of unknown size', some: { total: undefined, done: 2048 }, line: '2.0 KiB  205 B/s' },
  {
    what: 'that has just begun',
    seconds: 0.1,
    line: '█████░░░░░░░░░░░░░░░  25 %  1.0 GiB of 4.0 GiB, 3 files',
  },
  { what: 'of nothing', some: { total: 0, done: 0, files: 1 }, line: '0 B  0 B/s' },
  { what: 'that is verified', some: { phase: 'verifying', files: 1 }, line: 'verifying  1.0 GiB, 1 file' },
  { what: 'that is done', some: { phase: 'done' }, line: '1.0 GiB, 3 files' },
];

for (const { what, some = {}, seconds = 10, line } of lines)
  test(`the line of a pull ${what}`, () => {
    const watched = { progress: { ...usual, ...some }, since: 0, had: 0 };
    assert.equal(pullLine(watched, seconds * 1000), `s3://m/digits/3  ${line}`);
  });
