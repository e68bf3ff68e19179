import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { LogLevel } from '../ports.ts';
import { jsonLogger, systemClock, systemRandom } from './system.ts';

const fixed = { now: () => 0, date: () => new Date(0) };

function written(level: LogLevel, write: (logger: ReturnType<typeof jsonLogger>) => void): string[] {
  const lines: string[] = [];
  write(jsonLogger(level, line => lines.push(line), fixed));
  return lines;
}

test('a log is one line of JSON: time, level, message, then the facts', () => {
  const lines = written('info', logger =>
    logger.log('warn', 'model loaded', { model: 'digits', seconds: 0.2 }),
  );
  assert.deepEqual(lines, [
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","message":"model loaded","model":"digits","seconds":0.2}\n',
  ]);
});

test('what is below the level is not written, and enabled says so before facts are gathered', () => {
  const lines = written('warn', logger => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      logger.log(level, level);
      assert.equal(logger.enabled(level), level === 'warn' || level === 'error');
    }
  });
  assert.deepEqual(
    lines.map(line => (JSON.parse(line) as { level: string }).level),
    ['warn', 'error'],
  );
});

test('a fact cannot pass for the time, level or message of a line', () => {
  const [line = ''] = written('info', logger =>
    logger.log('info', 'real', { message: 'forged', level: 'error' }),
  );
  assert.deepEqual(JSON.parse(line), { time: '1970-01-01T00:00:00.000Z', level: 'info', message: 'real' });
});

const circle: Record<string, unknown> = {};
circle['self'] = circle;

const awkward: readonly { name: string; fact: unknown; shown: unknown }[] = [
  { name: 'an error', fact: new TypeError('broken'), shown: 'TypeError: broken' },
  { name: 'a 64-bit integer', fact: 2n ** 63n, shown: '9223372036854775808' },
  { name: 'a line break', fact: 'a\nb\u2028', shown: 'a\nb\u2028' },
];

for (const { name, fact, shown } of awkward) {
  test(`${name} as a fact is still one line`, () => {
    const [line = ''] = written('info', logger => logger.log('info', 'm', { fact }));
    assert.equal((JSON.parse(line) as { fact: unknown }).fact, shown);
    assert.equal(line.indexOf('\n'), line.length - 1);
  });
}

test('facts that cannot be written do not fail whoever logs them', () => {
  const [line = ''] = written('info', logger => logger.log('info', 'm', { circle }));
  const { message, unwritten } = JSON.parse(line) as Record<string, string>;
  assert.equal(message, 'm');
  assert.match(unwritten ?? '', /circular/);
});

test('any facts make one line that parses', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true })), facts => {
      const [line = ''] = written('info', logger => logger.log('info', 'm', facts));
      assert.equal(line.split('\n').length, 2);
      assert.equal((JSON.parse(line) as { message: unknown }).message, 'm');
    }),
  );
});

test('the system clock does not run backwards and tells the date; chance is in [0, 1)', () => {
  const before = systemClock.now();
  assert.ok(systemClock.now() >= before);
  assert.ok(systemClock.date().getUTCFullYear() >= 2025);
  const chance = systemRandom.next();
  assert.ok(chance >= 0 && chance < 1);
});
