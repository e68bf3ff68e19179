import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AppError } from '#base';
import type { LocalStatus } from '../words.ts';
import {
  allHealthy,
  arms,
  ask,
  exists,
  load,
  local,
  program,
  readyLocal,
  until,
} from './fixtures/service.ts';

const patience = (): AbortSignal => AbortSignal.timeout(30_000);

function pids(status: LocalStatus): number[] {
  return [...status.arms, ...status.aside].flatMap(({ servers }) => servers.flatMap(({ pid }) => pid ?? []));
}

function versions(status: LocalStatus): string[] {
  return status.arms.map(
    ({ models, weight, servers }) => `${models[0]?.version} ${weight}% ${servers.length}`,
  );
}

test('a killed server costs no request and is back in rotation, with one restart counted', async t => {
  const service = await readyLocal(t, arms({ replicas: 2 }));
  const clients = load(`${service.url}/predict`, { clients: 32, body: '{"inputs":[[1,2,3]]}' });
  await until('there is load', () => clients.seen.ok > 500);
  const [first] = service.status().arms[0]?.servers ?? [];
  assert.ok(first?.pid);
  process.kill(first.pid, 'SIGKILL');
  await until('it is out', () => !allHealthy(service));
  await until('it is back', () => allHealthy(service));
  const before = clients.seen.ok;
  await until('there was load after it', () => clients.seen.ok > before + 500);
  await clients.stop();
  assert.deepEqual(clients.seen.failed, []);
  const [again, other] = service.status().arms[0]?.servers ?? [];
  assert.deepEqual([again?.restarts, other?.restarts], [1, 0]);
  assert.notEqual(again?.pid, first.pid);
  const { text } = await ask(`${service.url}/metrics`);
  assert.match(text, /gateway_server_restarts_total\{revision="[^"]+",server="0"\} 1\n/);
  t.diagnostic(`${clients.seen.ok} requests, ${service.status().retries} sent again, 0 failed`);
});

test('a server that never gets ready is given up, and it is told what it answered', async t => {
  const given = { code: 'server_failed', message: /not ready within 2 seconds: \/health answers 503$/ };
  const never = arms({ model: 'never', version: '2' });
  const first = await local(t, never, { readyMs: 2000 });
  await assert.rejects(first.ready(patience()), given);
  const service = await local(t, arms({}), { readyMs: 2000 });
  await until('it is ready', () => allHealthy(service));
  await assert.rejects(service.apply(never), given);
  assert.deepEqual(versions(service.status()), ['1 100% 1']);
});

test('a server that ends again and again costs no request of the others, and pauses between starts', async t => {
  const service = await readyLocal(t, arms({ replicas: 2 }));
  for (let times = 0; times < 3; times++) {
    const [first] = service.status().arms[0]?.servers ?? [];
    const { status } = await ask(`${service.url}/predict`, { body: 'x' });
    assert.equal(status, 200);
    process.kill(Number(first?.pid), 'SIGKILL');
    await until('it was started again', () => {
      const now = service.status().arms[0]?.servers[0];
      return now?.restarts === times + 1 && now.state === 'healthy';
    });
  }
});

test('a server that says it is not ready leaves the rotation', async t => {
  const service = await readyLocal(t, arms({ replicas: 2 }));
  assert.equal((await ask(`${service.url}/unready`)).status, 200);
  await until('it is out', () => !allHealthy(service));
  const states = service.status().arms[0]?.servers.map(({ state }) => state);
  assert.deepEqual(states?.toSorted(), ['healthy', 'unhealthy']);
  for (let at = 0; at < 4; at++) assert.equal((await ask(`${service.url}/predict`)).status, 200);
  assert.equal(service.status().state, 'serving');
});

test('a server that hangs leaves the rotation, and returns when it goes on', async t => {
  const service = await readyLocal(t, arms({ replicas: 2 }));
  const pid = Number(service.status().arms[0]?.servers[0]?.pid);
  process.kill(pid, 'SIGSTOP');
  t.after(() => exists(pid) && process.kill(pid, 'SIGCONT'));
  await until('it is out', () => !allHealthy(service));
  for (let at = 0; at < 4; at++) assert.equal((await ask(`${service.url}/predict`)).status, 200);
  process.kill(pid, 'SIGCONT');
  await until('it is back', () => allHealthy(service));
  assert.equal(service.status().arms[0]?.servers[0]?.restarts, 0);
});

const failures = [
  { name: 'a model that does not load', model: 'fail=/m.onnx is cut', problem: /\/m\.onnx is cut$/ },
  { name: 'a first line that is no address', model: 'garbage=1', problem: /it printed 'hello there'/ },
];

for (const { name, model, problem } of failures) {
  test(`${name} ends the first start with its sentence`, async t => {
    const service = await local(t, arms({ model }));
    await assert.rejects(service.ready(patience()), (error: AppError) => {
      assert.equal(error.code, 'server_failed');
      assert.match(error.message, problem);
      return true;
    });
  });
}

test('waiting for a server that does not get ready ends with the signal, and with the service', async t => {
  const service = await local(t, arms({ model: 'never' }));
  const gone = new AbortController();
  const waiting = service.ready(gone.signal);
  gone.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  const other = service.ready(patience());
  const edit = service.apply(arms({ model: 'never=2' }));
  const ends = Promise.all([
    assert.rejects(other, (error: AppError) => error.code === 'draining'),
    assert.rejects(edit, (error: AppError) => error.code === 'draining'),
  ]);
  await service.close();
  await ends;
  assert.deepEqual(pids(service.status()), []);
  await assert.rejects(service.apply(arms({})), (error: AppError) => error.code === 'draining');
});

test('edits under load move the traffic without one failed request', async t => {
  const service = await readyLocal(t, arms({ replicas: 2 }));
  const [kept] = pids(service.status());
  const clients = load(`${service.url}/predict`, { clients: 16, body: '{}' });
  const edits = [
    { name: 'a candidate comes', to: arms({ replicas: 2 }, { weight: 10 }), now: ['1 90% 2', '2 10% 1'] },
    { name: 'its weight grows', to: arms({ replicas: 2 }, { weight: 60 }), now: ['1 40% 2', '2 60% 1'] },
    { name: 'fewer servers', to: arms({ replicas: 1 }, { weight: 60 }), now: ['1 40% 1', '2 60% 1'] },
  ];
  for (const { name, to, now } of edits) {
    const before = clients.seen.ok;
    await service.apply(to);
    assert.deepEqual(versions(service.status()), now, name);
    assert.ok(pids(service.status()).includes(Number(kept)), 'a revision that stays keeps its process');
    await until('there is load', () => clients.seen.ok > before + 200);
  }
  await service.apply(arms({ version: '3', model: 'third', replicas: 1 }));
  assert.deepEqual(versions(service.status()), ['3 100% 1']);
  assert.deepEqual(service.status().aside, []);
  const { text } = await ask(`${service.url}/predict`);
  assert.equal((JSON.parse(text) as { version: string }).version, '3');
  await clients.stop();
  assert.deepEqual(clients.seen.failed, []);
  assert.ok(!exists(kept), 'what left has ended');
  t.diagnostic(`${clients.seen.ok} requests, 0 failed`);
});

test('a promoted candidate keeps its process', async t => {
  const service = await readyLocal(t, arms({}, { weight: 10 }));
  const candidate = service.status().arms[1];
  await service.apply(arms({ version: '2' }));
  const [stable] = service.status().arms;
  assert.deepEqual([stable?.role, stable?.revision], ['stable', candidate?.revision]);
  assert.equal(stable?.servers[0]?.pid, candidate?.servers[0]?.pid);
});

test('an edit that fails to start changes nothing and says why', async t => {
  const service = await readyLocal(t, arms({}));
  const before = service.status();
  await assert.rejects(
    service.apply(arms({}, { weight: 50, model: 'fail=out of luck' })),
    (error: AppError) => {
      return error.code === 'server_failed' && error.message.endsWith('out of luck');
    },
  );
  await until('nothing is left of it', () => service.status().aside.length === 0);
  assert.deepEqual(versions(service.status()), versions(before));
  assert.deepEqual(pids(service.status()), pids(before));
  assert.equal((await ask(`${service.url}/predict`)).status, 200);
  await service.apply(arms({}, { weight: 50 }));
  assert.deepEqual(versions(service.status()), ['1 50% 1', '2 50% 1']);
});

test('a newer edit takes over from one that still waits, and both end with it', async t => {
  const service = await readyLocal(t, arms({}));
  const never = service.apply(arms({ version: '2', model: 'never' }));
  await until('it has started', () => service.status().aside.length === 1);
  const skipped = service.apply(arms({ version: '3', model: 'fail=nobody waits for this' }));
  const newest = service.apply(arms({ version: '4', model: 'four' }));
  await Promise.all([never, skipped, newest]);
  assert.deepEqual(versions(service.status()), ['4 100% 1']);
  assert.deepEqual(service.status().aside, []);
});

test('a draining server finishes what it has before it is told to end', async t => {
  const service = await readyLocal(t, arms({}));
  const slow = ask(`${service.url}/slow?ms=500`);
  await until('it is in flight', () => service.status().arms[0]?.servers[0]?.inFlight === 1);
  await service.apply(arms({ version: '2', model: 'two' }));
  assert.equal((await slow).status, 200);
});

test('a server that does not end when told is killed after its grace', async t => {
  const service = await readyLocal(t, arms({ model: 'deaf' }, undefined, '1s'));
  const [pid] = pids(service.status());
  await service.close();
  assert.ok(!exists(pid));
});

test('two arms of one revision are one arm with the weight and servers of both', async t => {
  const service = await readyLocal(t, arms({ version: '1' }, { weight: 10, version: '1' }));
  assert.deepEqual(versions(service.status()), ['1 100% 2']);
});

test("every line of a server's stderr is handed on, with its revision", async t => {
  const lines: string[] = [];
  const service = await readyLocal(t, arms({}), {
    onServerLog: (revision, line) => lines.push(`${revision} ${line}`),
  });
  const revision = service.status().arms[0]?.revision;
  await service.close();
  assert.deepEqual(lines, [`${revision} {"level":"info","message":"draining"}`]);
});

test('the status is told at each change, from starting to stopping', async t => {
  const states: string[] = [];
  const service = await readyLocal(t, arms({}), { onStatus: ({ state }) => states.push(state) });
  await service.close();
  const changes = states.filter((state, index) => state !== states[index - 1]);
  assert.deepEqual(changes, ['starting', 'serving', 'stopping']);
});

test('servers do not outlive a supervisor that is killed', async t => {
  const supervisor = spawn(
    process.execPath,
    ['--conditions=source', fileURLToPath(new URL('fixtures/supervisor.ts', import.meta.url)), ...program],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => supervisor.kill('SIGKILL'));
  const [line] = (await once(supervisor.stdout, 'data', { signal: patience() })) as [Buffer];
  const servers = JSON.parse(line.toString()) as number[];
  assert.equal(servers.length, 2);
  assert.ok(servers.every(exists));
  supervisor.kill('SIGKILL');
  await until('the servers are gone', () => !servers.some(exists));
});
