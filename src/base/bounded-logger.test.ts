import assert from 'node:assert/strict';
import test from 'node:test';
import { boundedLogger } from './bounded-logger.ts';

test('a flood of one message is cut to so many lines a second, and what was left out is told', () => {
  let now = 0;
  const lines: [string, unknown][] = [];
  const clock = { now: () => now, date: () => new Date(0) };
  const logger = boundedLogger(
    { enabled: level => level !== 'debug', log: (_, message, facts) => lines.push([message, facts]) },
    clock,
    2,
  );
  for (let count = 0; count < 10; count++) logger.log('error', 'broken', { count });
  logger.log('debug', 'broken');
  logger.log('error', 'another');
  now = 1000;
  logger.log('error', 'broken', { count: 10 });
  logger.log('error', 'broken');
  assert.deepEqual(lines, [
    ['broken', { count: 0 }],
    ['broken', { count: 1 }],
    ['another', undefined],
    ['broken', { count: 10, suppressed: 8 }],
    ['broken', undefined],
  ]);
});

test('a flood of ever new messages is cut too', () => {
  let lines = 0;
  const sink = { enabled: () => true, log: () => void lines++ };
  const logger = boundedLogger(sink, { now: () => 0, date: () => new Date(0) }, 2);
  for (let count = 0; count < 10_000; count++) logger.log('warn', `message ${count}`);
  assert.equal(lines, 256 + 2);
});
