import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Endpoint } from './endpoint.ts';
import { Pool, type PoolArm } from './pool.ts';
import type { Target } from './route.ts';

function arm(revision: string, weight: number, servers: number, version = revision): PoolArm {
  const endpoints = Array.from(
    { length: servers },
    (_, server) => new Endpoint({ revision, server, host: '127.0.0.1', port: 1000 + server }),
  );
  return { revision, weight, models: [{ name: 'digits', version }], endpoints };
}

function poolOf(...arms: PoolArm[]): Pool {
  const pool = new Pool();
  pool.update(arms);
  return pool;
}

function picks(pool: Pool, count: number, target: Target = {}): string[] {
  return Array.from({ length: count }, () => {
    const endpoint = pool.pick(target);
    return endpoint ? `${endpoint.revision}/${endpoint.server}` : 'none';
  });
}

function counts(of: readonly string[]): Record<string, number> {
  const had: Record<string, number> = {};
  for (const one of of) had[one] = (had[one] ?? 0) + 1;
  return had;
}

test('requests go by weight, and in turn to equally busy servers of a revision', () => {
  const had = counts(picks(poolOf(arm('s', 90, 2), arm('c', 10, 1)), 1000));
  assert.deepEqual(had, { 's/0': 450, 's/1': 450, 'c/0': 100 });
});

test('within a revision the server with the fewest requests in flight is taken', () => {
  const stable = arm('s', 100, 3);
  const [first, , third] = stable.endpoints;
  first?.enter();
  third?.enter();
  assert.deepEqual(picks(poolOf(stable), 3), ['s/1', 's/1', 's/1']);
});

test('a revision without a server in rotation gives its share to the others, and returns without a burst', () => {
  const stable = arm('s', 50, 1);
  const candidate = arm('c', 50, 1);
  const pool = poolOf(stable, candidate);
  picks(pool, 3);
  pool.update([stable, { ...candidate, endpoints: [] }]);
  assert.deepEqual(counts(picks(pool, 100)), { 's/0': 100 });
  pool.update([stable, candidate]);
  for (let at = 0; at < 5; at++) assert.deepEqual(counts(picks(pool, 2)), { 's/0': 1, 'c/0': 1 });
});

test('weight 0 gets nothing by weight, not even when nobody else is up', () => {
  assert.deepEqual(picks(poolOf(arm('s', 100, 0), arm('c', 0, 1)), 2), ['none', 'none']);
});

test('a request that names a version reaches it at weight 0, and nobody else when it is down', () => {
  const target = { model: 'digits', version: 'c' };
  assert.deepEqual(picks(poolOf(arm('s', 100, 1), arm('c', 0, 1)), 2, target), ['c/0', 'c/0']);
  assert.deepEqual(picks(poolOf(arm('s', 100, 1), arm('c', 0, 0)), 1, target), ['none']);
});

test('requests that name a version do not disturb the split of the others', () => {
  const pool = poolOf(arm('s', 90, 1), arm('c', 10, 1));
  const had: string[] = [];
  for (let at = 0; at < 100; at++) {
    had.push(...picks(pool, 1));
    picks(pool, 1, { model: 'digits', version: 'c' });
  }
  assert.deepEqual(counts(had), { 's/0': 90, 'c/0': 10 });
});

test('a second try goes to the same revision first, then to another with a weight, and never to the one that failed', () => {
  const stable = arm('s', 90, 2);
  const candidate = arm('c', 10, 1);
  const [first, second] = stable.endpoints;
  assert.ok(first && second);
  const pool = poolOf(stable, candidate, arm('idle', 0, 1));
  assert.equal(pool.another({}, first), second);
  pool.update([{ ...stable, endpoints: [first] }, candidate, arm('idle', 0, 1)]);
  assert.equal(pool.another({}, first), candidate.endpoints[0]);
  pool.update([{ ...stable, endpoints: [first] }, arm('idle', 0, 1)]);
  assert.equal(pool.another({}, first), undefined);
});

test('an edited weight counts from the next request on', () => {
  const stable = arm('s', 90, 1);
  const candidate = arm('c', 10, 1);
  const pool = poolOf(stable, candidate);
  picks(pool, 7);
  pool.update([
    { ...stable, weight: 0 },
    { ...candidate, weight: 100 },
  ]);
  assert.deepEqual(counts(picks(pool, 50)), { 'c/0': 50 });
});

test('an endpoint tells who waits when its last request has left', async () => {
  const endpoint = new Endpoint({ revision: 's', server: 0, host: '127.0.0.1', port: 1 });
  await endpoint.idle();
  endpoint.enter();
  endpoint.enter();
  const told: string[] = [];
  const idle = endpoint.idle().then(() => told.push('idle'));
  endpoint.leave();
  await Promise.resolve();
  assert.deepEqual(told, []);
  endpoint.leave();
  await idle;
  assert.deepEqual(told, ['idle']);
});
