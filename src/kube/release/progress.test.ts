import assert from 'node:assert/strict';
import test from 'node:test';
import { type Progress, releaseLine } from './progress.ts';

const ref = { apiVersion: 'v1', kind: 'Service', name: 'digits' };
const reason = { code: 'crash', sentence: 'container server ends', lines: ['no model'] } as const;
const state = { name: 'r1', wanted: 3, available: 1, isDone: false, isStuck: false, hasServed: false };

const cases: readonly (readonly [Progress, string])[] = [
  [{ kind: 'written', ref, change: 'created' }, 'Service digits created'],
  [{ kind: 'removed', ref }, 'Service digits deleted'],
  [{ kind: 'warned', ref, warning: 'deprecated' }, 'Service digits: the API server warns: deprecated'],
  [{ kind: 'waiting', state }, 'r1 1/3 ready'],
  [{ kind: 'reason', deployment: 'r1', reason }, 'r1: container server ends\n    no model'],
  [
    { kind: 'draining', ms: 5000 },
    'waiting 5 s for requests on their way before what is no longer wanted goes',
  ],
  [{ kind: 'unseen', kinds: ['Role'] }, 'not looked at, since it may not be listed: Role'],
  [{ kind: 'unaccepted', problem: 'HTTPRoute digits is not in force' }, 'HTTPRoute digits is not in force'],
  [{ kind: 'held', because: 'so' }, 'so; the same command again, or with --wait, goes on from here'],
];

for (const [progress, line] of cases)
  test(`what happens is a line: ${progress.kind}`, () => assert.equal(releaseLine(progress), line));
