import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stopwatch } from './stopwatch.ts';

const cases = [
  {
    name: 'a run that had its core all the time takes what it computed',
    passed: 3,
    computed: 2.9,
    took: 2.9,
  },
  { name: 'what others did meanwhile does not count', passed: 30, computed: 3, took: 3 },
  { name: 'a run between two ticks of a coarse system takes what passed', passed: 3, computed: 0, took: 3 },
  {
    name: 'a run over a tick of a coarse system takes no more than passed',
    passed: 3,
    computed: 10,
    took: 3,
  },
  { name: 'a short run takes what passed', passed: 0.2, computed: 0.1, took: 0.2 },
];

for (const { name, passed, computed, took } of cases)
  test(name, () => {
    const time = { now: 100, computed: 50 };
    const stopwatch = new Stopwatch({ now: () => time.now, computed: () => time.computed });
    stopwatch.start();
    time.now += passed;
    time.computed += computed;
    assert.equal(Math.round(stopwatch.stop() * 1e6) / 1e6, took);
  });

test('it measures from the last start', () => {
  const time = { now: 0, computed: 0 };
  const stopwatch = new Stopwatch({ now: () => time.now, computed: () => time.computed });
  stopwatch.start();
  time.now += 5;
  time.computed += 5;
  stopwatch.start();
  time.now += 2;
  time.computed += 1;
  assert.equal(stopwatch.stop(), 1);
});

test('what was not started took no time', () => {
  const time = { now: 0, computed: 0 };
  const stopwatch = new Stopwatch({ now: () => time.now, computed: () => time.computed });
  stopwatch.start();
  stopwatch.stop();
  time.now += 1000;
  assert.equal(stopwatch.stop(), 0);
});
