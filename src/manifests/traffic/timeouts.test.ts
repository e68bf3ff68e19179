import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { releaseOf } from '../fixtures/release.ts';
import { gatewayDuration, protobufDuration, timeoutMs } from './timeouts.ts';

const models = [
  { name: 'fast', uri: './models/fast' },
  { name: 'slow', uri: './models/slow', deadline: '2m' },
];
const custom = { custom: { command: ['serve'], protocol: 'v2' } };

const cases: readonly (readonly [what: string, spec: object, ms: number | undefined])[] = [
  ['what the file says', { traffic: { builtin: {}, timeout: '1500ms' }, server: { deadline: '9s' } }, 1500],
  ['a second more than the deadline', { server: { deadline: '500ms' } }, 1500],
  ['a second more than the request time, where no deadline is set', {}, 31_000],
  ['a second more than the deadline of the slowest model', { models }, 121_000],
  ['nothing, for a server of others without a deadline', { runtime: custom }, undefined],
  ['that of the deadline, for a server of others', { runtime: custom, server: { deadline: '4s' } }, 5000],
];

for (const [what, spec, ms] of cases)
  test(`the time for an answer is ${what}`, () => assert.equal(timeoutMs(releaseOf(spec)), ms));

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

test('a duration of Gateway API is one by GEP-2257, and as long as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99_999 * 3_600_000 }), ms => {
      const text = gatewayDuration(ms);
      assert.match(text, /^([0-9]{1,5}(h|m|s|ms)){1,4}$/);
      const parts = [...text.matchAll(/(\d+)(ms|h|m|s)/g)];
      const sum = parts.reduce((all, [, count, unit = '']) => all + Number(count) * (units[unit] ?? 0), 0);
      assert.equal(sum, ms);
    }),
  );
});

test('a duration of protobuf is in seconds', () => {
  assert.deepEqual([31_000, 1500, 1, 0.5].map(protobufDuration), ['31s', '1.5s', '0.001s', '0.001s']);
});
