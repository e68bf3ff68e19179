import assert from 'node:assert/strict';
import test from 'node:test';
import type { Key } from './key-list.ts';
import { FREE, Limiter } from './limiter.ts';

const key = (limits: Partial<Key>): Key => ({ name: 'alice', sha256: '', ...limits });
const now = () => 0;

test('who has no limits is not counted', () => assert.equal(new Limiter().enter(key({}), now), FREE));

test('as many are in flight as a key may have, and one that leaves makes room for one', () => {
  const limiter = new Limiter();
  const two = key({ concurrent: 2 });
  const [first] = [limiter.enter(two, now), limiter.enter(two, now)];
  assert.throws(() => limiter.enter(two, now), { code: 'concurrency_exceeded', status: 429 });
  first?.leave();
  first?.leave();
  limiter.enter(two, now);
  assert.throws(() => limiter.enter(two, now), { code: 'concurrency_exceeded' });
});

test('keys of one name share what they may, and those of others do not', () => {
  const limiter = new Limiter();
  const rate = { count: 2, periodMs: 1000 };
  limiter.enter(key({ sha256: 'old', rate }), now);
  limiter.enter(key({ sha256: 'new', rate }), now);
  assert.throws(() => limiter.enter(key({ sha256: 'old', rate }), now), { code: 'rate_exceeded' });
  limiter.enter({ name: 'bob', sha256: '', rate }, now);
});

test('a refusal for what is in flight costs nothing of the rate', () => {
  const limiter = new Limiter();
  const one = key({ concurrent: 1, rate: { count: 2, periodMs: 1000 } });
  const pass = limiter.enter(one, now);
  assert.throws(() => limiter.enter(one, now), { code: 'concurrency_exceeded' });
  pass.leave();
  limiter.enter(one, now).leave();
  assert.throws(() => limiter.enter(one, now), { code: 'rate_exceeded' });
});

test('a refusal by rate leaves nothing in flight', () => {
  const limiter = new Limiter();
  const one = key({ concurrent: 1, rate: { count: 1, periodMs: 1000 } });
  limiter.enter(one, now).leave();
  assert.throws(() => limiter.enter(one, now), { code: 'rate_exceeded' });
  limiter.enter(one, () => 1000);
});

test('more that is asked under a pass costs as much as a request', () => {
  const limiter = new Limiter();
  const pass = limiter.enter(key({ rate: { count: 3, periodMs: 60_000 } }), now);
  pass.again();
  pass.again();
  assert.throws(() => pass.again(), {
    code: 'rate_exceeded',
    message: 'the API key is at its limit of 3 requests a minute',
  });
});

test('what was used stays known when keys are read again, unless they are gone', () => {
  const limiter = new Limiter();
  const one = key({ rate: { count: 1, periodMs: 1000 } });
  limiter.enter(one, now);
  limiter.keep([one]);
  assert.throws(() => limiter.enter(one, now), { code: 'rate_exceeded' });
  limiter.keep([]);
  limiter.enter(one, now);
});
