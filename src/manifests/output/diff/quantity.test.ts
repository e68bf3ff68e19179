import assert from 'node:assert/strict';
import test from 'node:test';
import { isSameAmount } from './quantity.ts';

const same = [
  ['1024Mi', '1Gi'],
  ['0.5', '500m'],
  ['1000m', 1],
  ['1e3', '1k'],
  ['1E', '1000P'],
  ['.5Gi', '512Mi'],
  ['0.1', '100m'],
] as const;
for (const [a, b] of same) test(`${a} is ${b}`, () => assert.ok(isSameAmount(a, b) && isSameAmount(b, a)));

const others = [
  ['1Gi', '1G'],
  ['1', '1m'],
  ['', '0'],
  ['1 Gi', '1Gi'],
  ['yes', 'yes'],
  ['1K', '1k'],
  [undefined, 0],
] as const;
for (const [a, b] of others) test(`${a} is not ${b}, or is no amount`, () => assert.ok(!isSameAmount(a, b)));
