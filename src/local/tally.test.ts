import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from './tally.ts';

test('answers are counted by revision and code, and the failed among them', () => {
  const tally = new Tally();
  tally.answered('a', 200, 0);
  tally.answered('a', 200, 0);
  tally.answered('a', 500, 0);
  tally.answered('b', 404, 0);
  tally.answered(undefined, 503, 0);
  tally.broke('b', 200, 0);
  assert.deepEqual([tally.requests(), tally.requests('a'), tally.requests('b')], [6, 3, 2]);
  assert.deepEqual([tally.failed(), tally.failed('a'), tally.failed('b')], [3, 1, 1]);
  assert.deepEqual(tally.counted(), [
    { revision: 'a', code: 200, count: 2 },
    { revision: 'a', code: 500, count: 1 },
    { revision: 'b', code: 404, count: 1 },
    { revision: 'b', code: 200, count: 1 },
    { revision: 'none', code: 503, count: 1 },
  ]);
});

test('retries are counted by the revision whose connection failed', () => {
  const tally = new Tally();
  tally.retried('a');
  tally.retried('a');
  tally.retried('b');
  assert.equal(tally.retries(), 3);
  assert.deepEqual(tally.retriesByRevision(), [
    ['a', 2],
    ['b', 1],
  ]);
});

test('the rate is that of the last five whole seconds, or of as many as there were', () => {
  const tally = new Tally();
  assert.equal(tally.rate(10_000), 0);
  for (let at = 10_000; at < 12_000; at += 10) tally.answered('a', 200, at);
  assert.equal(tally.rate(12_000), 100);
  for (let at = 12_000; at < 17_000; at += 100) tally.answered('a', 200, at);
  assert.equal(tally.rate(17_500), 10);
  assert.equal(tally.rate(19_000), 6);
  assert.equal(tally.rate(30_000), 0);
});
