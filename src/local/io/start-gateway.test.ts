import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOf } from '#net';
import { gatewayOf, Lines, Names, Pod, planOf, pods } from './fixtures/followed.ts';
import { ask, until } from './fixtures/service.ts';
import { type FollowingGateway, startGateway } from './start-gateway.ts';

const patience = (): AbortSignal => AbortSignal.timeout(10_000);

/** Who answers so many requests, one after the other, by how many each. */
async function answers(url: string, count: number): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let at = 0; at < count; at++) {
    const { status, text } = await ask(`${url}/predict`, { body: '{}' });
    assert.equal(status, 200);
    seen[text] = (seen[text] ?? 0) + 1;
  }
  return seen;
}

const states = (gateway: FollowingGateway): string[] =>
  gateway.status().arms.flatMap(({ servers }) => servers.map(({ state }) => state));

/** A gateway before so many pods, all in rotation. */
async function before(t: TestContext, count: number, options = {}) {
  const names = new Names();
  const all = await pods(t, count);
  names.set('old', all);
  const port = all[0]?.port ?? 0;
  const gateway = await gatewayOf(t, planOf(port), names, options);
  await until('all are in', () => states(gateway).filter(state => state === 'healthy').length === count);
  return { gateway, names, all, port };
}

test('each address of a name is a server, and requests go to all of them in turn', async t => {
  const { gateway } = await before(t, 3);
  assert.deepEqual(await answers(gateway.url, 9), { '127.0.0.2': 3, '127.0.0.3': 3, '127.0.0.4': 3 });
});

test('an address that comes is asked for its health before it gets a request', async t => {
  const { gateway, names, all, port } = await before(t, 1);
  const [late] = await pods(t, 1, { first: 5, port });
  assert.ok(late);
  late.isReady = false;
  names.set('old', [...all, late]);
  await until('it is known', () => states(gateway).length === 2);
  await answers(gateway.url, 4);
  assert.equal(late.asked, 0);
  late.isReady = true;
  await until('it is in', () => !states(gateway).includes('starting'));
  await answers(gateway.url, 4);
  assert.equal(late.asked, 2);
});

test('an address that leaves gets no more requests, and finishes what it has', async t => {
  const { gateway, names, all } = await before(t, 2);
  const [gone, stays] = all;
  assert.ok(gone && stays);
  const slow = [ask(`${gateway.url}/slow`), ask(`${gateway.url}/slow`)];
  await until('both have one', () => gone.held === 1 && stays.held === 1);
  names.set('old', [stays]);
  await until('it is leaving', () => states(gateway).includes('stopping'));
  const { asked } = gone;
  assert.deepEqual(await answers(gateway.url, 4), { [stays.address]: 4 });
  assert.equal(gone.asked, asked);
  for (const pod of all) pod.release();
  for (const { status } of await Promise.all(slow)) assert.equal(status, 200);
  await until('it is gone', () => states(gateway).length === 1);
});

test('a server that says that it is not ready, or takes no connection, leaves the rotation', async t => {
  const { gateway, all } = await before(t, 3);
  const [ill, dead, well] = all;
  assert.ok(ill && dead && well);
  dead.kill();
  assert.deepEqual(Object.keys(await answers(gateway.url, 6)).includes(dead.address), false);
  ill.isReady = false;
  await until('it is out', () => states(gateway).filter(state => state === 'healthy').length === 1);
  assert.deepEqual(await answers(gateway.url, 4), { [well.address]: 4 });
});

const silences = [
  { name: 'nobody answers', found: new Error('queryA ESERVFAIL') },
  { name: 'it has no address', found: [] },
];
for (const { name, found } of silences)
  test(`while a name is asked and ${name}, who is well goes on`, async t => {
    const logger = new Lines();
    const { gateway, names, all } = await before(t, 2, { logger });
    names.set('old', found);
    const told = 'servers are not found by their name: those that are known stay';
    await until('it is told', () => logger.all.includes(told));
    assert.deepEqual(Object.values(await answers(gateway.url, 4)), [2, 2]);
    names.set('old', all.slice(1));
    await until('it is followed again', () => states(gateway).length === 1);
    assert.equal(logger.all.filter(line => line === told).length, 1, 'told once');
  });

test('an address of its own is a host as any name is', async t => {
  const [pod] = await pods(t, 1);
  const port = pod?.port ?? 0;
  const plan = planOf(port, { old: 100 });
  const arms = plan.arms.map(arm => ({ ...arm, host: '127.0.0.2' }));
  const logger = new Lines();
  const gateway = await startGateway({ ...plan, arms }, { host: '127.0.0.1', port: 0, logger });
  t.after(() => gateway.close());
  await gateway.ready(patience());
  assert.deepEqual(await answers(gateway.url, 1), { '127.0.0.2': 1 });
});

/** Two revisions with a pod each. */
async function twoArms(t: TestContext, weights: Readonly<Record<string, number>>, options = {}) {
  const names = new Names();
  const all = await pods(t, 2);
  const [old, young] = all;
  assert.ok(old && young);
  names.set('old', [old]);
  names.set('new', [young]);
  const gateway = await gatewayOf(t, planOf(old.port, weights), names, options);
  return { gateway, names, old, young, port: old.port };
}

test('the split is exact, and a newer plan moves it', async t => {
  const { gateway, port } = await twoArms(t, { old: 90, new: 10 });
  await gateway.ready(patience());
  assert.deepEqual(await answers(gateway.url, 100), { '127.0.0.2': 90, '127.0.0.3': 10 });
  await gateway.follow(planOf(port, { old: 25, new: 75 }));
  assert.deepEqual(await answers(gateway.url, 100), { '127.0.0.2': 25, '127.0.0.3': 75 });
  await gateway.follow(planOf(port, { new: 100 }));
  assert.deepEqual(await answers(gateway.url, 10), { '127.0.0.3': 10 });
  await until('what left is gone', () => gateway.status().aside.length === 0);
});

test('a plan waits for a server of what is to get more, and a newer one takes over from it', async t => {
  const { gateway, young, port } = await twoArms(t, { old: 100 });
  await gateway.ready(patience());
  young.isReady = false;
  const waiting = gateway.follow(planOf(port, { old: 50, new: 50 }));
  await until('it is followed', () => gateway.status().aside.length === 1);
  assert.deepEqual(await answers(gateway.url, 4), { '127.0.0.2': 4 });
  const newer = gateway.follow(planOf(port, { old: 75, new: 25 }));
  young.isReady = true;
  await Promise.all([waiting, newer]);
  assert.deepEqual(await answers(gateway.url, 100), { '127.0.0.2': 75, '127.0.0.3': 25 });
});

test('a request that names a version goes to the revision that has it', async t => {
  const { gateway } = await twoArms(t, { old: 100, new: 0 });
  await until('both are up', () => states(gateway).join() === 'healthy,healthy');
  const { text } = await ask(`${gateway.url}/v2/models/digits/versions/new/infer`, { body: '{}' });
  assert.equal(text, '127.0.0.3');
});

test('the door is open while one revision answers, and tells which does not', async t => {
  const { gateway, young, old } = await twoArms(t, { old: 90, new: 10 });
  const health = () => ask(`${gateway.url}/health`);
  await gateway.ready(patience());
  young.isReady = false;
  await until('the candidate is out', () => states(gateway).includes('unhealthy'));
  const { status, text } = await health();
  assert.equal(status, 200);
  assert.match(text, /"status":"degraded".*"name":"new".*"healthy":false/);
  assert.deepEqual(await answers(gateway.url, 10), { '127.0.0.2': 10 });
  old.isReady = false;
  await until('nobody is left', () => !states(gateway).includes('healthy'));
  assert.equal((await health()).status, 503);
  assert.equal((await ask(`${gateway.url}/predict`, { body: '{}' })).status, 503);
});

test('a gateway that closes is no longer ready, and finishes what is in flight', async t => {
  const server = { drain: { delay: '100ms', grace: '5s' } };
  const names = new Names();
  const [pod] = await pods(t, 1);
  assert.ok(pod);
  names.set('old', [pod]);
  const gateway = await gatewayOf(t, planOf(pod.port, { old: 100 }, { server }), names);
  await gateway.ready(patience());
  const slow = ask(`${gateway.url}/slow`);
  await until('it is in flight', () => pod.held === 1);
  const closed = gateway.close();
  assert.equal((await ask(`${gateway.url}/health`)).status, 503);
  assert.equal((await ask(`${gateway.url}/predict`)).status, 200, 'still accepting');
  await until('it takes no more', () =>
    ask(gateway.url).then(
      () => false,
      () => true,
    ),
  );
  pod.release();
  assert.equal((await slow).status, 200);
  await closed;
});

/** Credentials that the gateway asks for, of one key. */
function auth(t: TestContext): object {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-gateway-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys.json');
  writeFileSync(
    file,
    JSON.stringify({ keys: [{ name: 'alice', sha256: digestOf('alice').toString('hex') }] }),
  );
  return { predict: { keys: { file } } };
}

const credentials = { authorization: 'Bearer alice', 'x-api-key': 'alice' };
const doors = [
  {
    name: 'of fairlead, whose gateway asks nobody, hear credentials',
    asks: false,
    isForeign: false,
    hears: true,
  },
  {
    name: 'of fairlead, whose gateway asks too, hear credentials',
    asks: true,
    isForeign: false,
    hears: true,
  },
  {
    name: 'of others, whose gateway asks nobody, hear credentials',
    asks: false,
    isForeign: true,
    hears: true,
  },
  { name: 'of others, whose gateway asks, hear none', asks: true, isForeign: true, hears: false },
];
for (const { name, asks, isForeign, hears } of doors)
  test(`servers ${name}`, async t => {
    const names = new Names();
    const [pod] = await pods(t, 1);
    assert.ok(pod);
    names.set('old', [pod]);
    const more = { isForeign, server: asks ? { auth: auth(t) } : {} };
    const gateway = await gatewayOf(t, planOf(pod.port, { old: 100 }, more), names);
    await gateway.ready(patience());
    const without = await ask(`${gateway.url}/predict`, { body: '{}' });
    assert.equal(without.status, asks ? 401 : 200);
    await ask(`${gateway.url}/predict`, {
      body: '{}',
      headers: { ...credentials, 'x-fairlead-gateway': 'f' },
    });
    const { authorization, 'x-api-key': key, 'x-fairlead-gateway': secret } = pod.heard;
    assert.deepEqual([authorization, key], hears ? ['Bearer alice', 'alice'] : [undefined, undefined]);
    assert.equal(secret, undefined);
    assert.equal((await ask(`${gateway.url}/metrics`)).status, asks ? 403 : 200, 'its own pages too');
  });

test('metrics tell of each server, by numbers that no two of a revision have', async t => {
  const { gateway, names, all, port } = await before(t, 2);
  names.set('old', all.slice(1));
  await until('one is gone', () => states(gateway).length === 1);
  const [late] = await pods(t, 1, { first: 7, port });
  names.set('old', [...all.slice(1), late ?? new Pod('')]);
  await until('another is in', () => states(gateway).join() === 'healthy,healthy');
  const { text } = await ask(`${gateway.url}/metrics`);
  const found = [...text.matchAll(/gateway_server_healthy\{revision="old",server="(\d)"\} 1/g)];
  assert.deepEqual(new Set(found.map(([, id]) => id)), new Set(['0', '1']));
});

test('what cannot change while it is open is refused, and all stays as it was', async t => {
  const { gateway, port } = await before(t, 1);
  const tls = { certificate: '/nowhere.crt', key: '/nowhere.key' };
  await assert.rejects(gateway.follow(planOf(port, { new: 100 }, { server: { tls } })), {
    code: 'restart_needed',
  });
  assert.deepEqual(
    gateway.status().arms.map(({ revision }) => revision),
    ['old'],
  );
});
