import assert from 'node:assert/strict';
import test from 'node:test';
import { Latencies } from './latencies.ts';
import { markdown } from './markdown.ts';
import { Tally } from './tally.ts';

const samples = Array.from({ length: 61 }, (_, at) => ({ at, mib: 100 + at }));
const seen = {
  server: samples,
  gateway: samples,
  health: new Latencies(),
  delay: { p99: 12, most: 40 },
  threadsEnded: 3,
  heapMib: 20,
  externalMib: 5,
  others: 0.5,
};

function page(tally: Tally): string {
  return markdown({ seed: 7, seconds: 60, tally, seen });
}

test('every kind has its row, with how it came out most', () => {
  const tally = new Tally();
  const row = tally.row('plain', 'good');
  for (const words of ['429: overload', 'right', 'right']) tally.came(row, words, 2);
  assert.match(page(tally), /\| plain \| 3 \| 2\.0 \| 2\.0 \| 2 \| 0 \| 0 \| right 2, 429: overload 1 \|/);
  assert.match(page(tally), /no promise was broken/);
});

test('memory has its rule, its growth and its curve', () => {
  const text = page(new Tally());
  assert.match(
    text,
    /the server: median of 54–60 s beside that of 30–45 s: 138 to 157 MiB, \+13\.8 % \(limit \+30\.0 %\)/,
  );
  assert.match(text, /`▁.*█` 100–160 MiB/);
});

test('a busy machine is told', () => {
  assert.match(
    page(new Tally()),
    /no promise was broken\.\n\n\*\*Other processes had 50 % of the machine\*\*/,
  );
});

test('faults stand before all else', () => {
  const tally = new Tally();
  tally.fault('it is gone');
  assert.match(page(tally), /\*\*1 broken promises\*\*\.[^#]*## Faults\n\n- at 0 s, it is gone/);
});
