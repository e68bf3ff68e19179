/** A notice that the machine is taken away, under load: by a file, by request, and with the signal that follows it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { folderOf } from '../src/net/fixtures/certificates.ts';
import { modelFile } from '../src/server/fixtures/onnx-file.ts';
import { slowModel } from '../src/server/fixtures/slow-model.ts';
import { type Program, root, startProgram, until } from './programs/fairlead.ts';

const model = join(root, 'examples', 'digits', 'models', 'digits', '1');
const sample = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'utf8');

/** Clients behind a balancer that looks at the service's health often, and sends nobody there that is not well. */
function balanced(url: string, clients: number) {
  const agent = new Agent({ keepAlive: true });
  const seen = { ok: 0, failed: [] as string[] };
  const down = new AbortController();
  const look = async (): Promise<void> => {
    while ((await fetch(`${url}/health`).catch(() => undefined))?.ok) await setTimeout(20);
    down.abort();
  };
  const client = async (): Promise<void> => {
    while (!down.signal.aborted) {
      const status = await post(`${url}/predict`, agent).catch(String);
      if (status === 200) seen.ok++;
      else seen.failed.push(String(status));
    }
  };
  const all = Promise.all([look(), ...Array.from({ length: clients }, client)]);
  return { seen, done: all.then(() => agent.destroy()) };
}

async function post(url: string, agent: Agent): Promise<number | undefined> {
  const sent = request(url, { method: 'POST', agent });
  sent.end(sample);
  const [answer] = await once(sent, 'response');
  // One that was cut off in this very moment emits no more: that is an error too, and no waiting for ever.
  await finished(answer.resume());
  return answer.statusCode;
}

async function started(t: TestContext, args: readonly string[]): Promise<Program> {
  const program = await startProgram(args);
  t.after(() => program.child.kill('SIGKILL'));
  return program;
}

interface Spot {
  readonly notice: string;
  readonly args: readonly string[];
}

const verbs: Readonly<Record<string, (t: TestContext, budget: string) => Spot>> = {
  serve: (t, budget) => {
    const notice = join(folderOf(t), 'notice');
    const flags = ['--notice-file', notice, '--notice-budget', budget, '--drain-delay', '1s'];
    return { notice, args: ['serve', model, ...flags] };
  },
  up: (t, budget) => {
    const folder = folderOf(t);
    const spec = {
      model: { uri: model },
      replicas: 2,
      server: { drain: { delay: '1s' } },
      capacity: { spot: { notice: { file: 'notice', budget } } },
    };
    const file = join(folder, 'fairlead.yaml');
    writeFileSync(file, JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec }));
    return { notice: join(folder, 'notice'), args: ['up', file] };
  },
};

type Tell = (program: Program, notice: string) => unknown;

const ways: Readonly<Record<string, Tell>> = {
  'a file': (_, notice) => writeFileSync(notice, ''),
  'a request': async ({ url }) => {
    const { status } = await fetch(`${url}/fairlead/drain`, { method: 'POST' });
    assert.equal(status, 202);
  },
  'a file, and then SIGTERM': async ({ child, stderr }, notice) => {
    writeFileSync(notice, 'terminate');
    await until(() => /taken away/.test(stderr()));
    child.kill('SIGTERM');
  },
};

for (const [verb, spotOf] of Object.entries(verbs)) {
  for (const [way, tell] of Object.entries(ways)) {
    test(`${verb} drains by ${way} without one failed request, and ends with 0`, async t => {
      const { notice, args } = spotOf(t, '10s');
      const program = await started(t, args);
      const ended = once(program.child, 'exit') as Promise<[number | null]>;
      const { seen, done } = balanced(program.url, 8);
      await until(() => seen.ok > 200);
      await tell(program, notice);
      const before = seen.ok;
      assert.deepEqual(await ended, [0, null]);
      await done;
      assert.deepEqual(seen.failed, []);
      assert.ok(seen.ok >= before);
      t.diagnostic(`${seen.ok} requests, 0 failed`);
    });
  }
}

/** A server, or a service of one, at work on a request that takes far longer than any budget. */
async function hanging(
  t: TestContext,
  verb: string,
  budget: string,
): Promise<{ program: Program; notice: string }> {
  const uri = modelFile(t, slowModel(8, 400));
  const folder = folderOf(t);
  const notice = join(folder, 'notice');
  const file = join(folder, 'fairlead.yaml');
  const server = { drain: { grace: '1h' } };
  const runtime = { onnx: { place: 'threads' } };
  const capacity = { spot: { notice: { file: notice, budget } } };
  const spec = { model: { uri }, runtime, server, capacity };
  writeFileSync(file, JSON.stringify({ kind: 'ModelService', metadata: { name: 'slow' }, spec }));
  const flags = ['--place=threads', '--grace=1h', `--notice-file=${notice}`, `--notice-budget=${budget}`];
  const program = await started(t, verb === 'up' ? ['up', file] : ['serve', uri, ...flags]);
  const row = Array.from({ length: 400 }, () => 0);
  const body = JSON.stringify({ inputs: Array.from({ length: 1000 }, () => row) });
  fetch(`${program.url}/predict`, { method: 'POST', body }).catch(() => undefined);
  await until(async () => {
    const text = await (await fetch(`${program.url}/metrics`)).text();
    return /^predictions_in_flight\{.*\} 1$/m.test(text);
  });
  return { program, notice };
}

for (const verb of Object.keys(verbs)) {
  test(`a run that does not end is cut off when the budget of ${verb} is over`, async t => {
    const { program, notice } = await hanging(t, verb, '5s');
    const ended = once(program.child, 'exit');
    const since = performance.now();
    writeFileSync(notice, '');
    assert.deepEqual(await ended, [0, null]);
    const took = performance.now() - since;
    t.diagnostic(`${Math.round(took)} ms of 5000`);
    assert.ok(took < 10_000, `it took ${took} ms, of a grace of an hour`);
    assert.ok(took > 3000, 'it did not wait for what was in flight');
  });

  test(`a notice leaves less time to a drain of ${verb} that SIGTERM began`, async t => {
    const { program, notice } = await hanging(t, verb, '3s');
    const ended = once(program.child, 'exit');
    program.child.kill('SIGTERM');
    await until(async () => !(await fetch(`${program.url}/health`).catch(() => undefined))?.ok);
    writeFileSync(notice, '');
    assert.deepEqual(await ended, [0, null]);
  });
}

test('a drain may be asked for on this machine only, and by POST', async t => {
  const elsewhere = Object.values(networkInterfaces())
    .flatMap(all => all ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address;
  for (const args of [
    ['serve', model],
    ['up', model],
  ]) {
    const { url } = await started(t, [...args, '--host', '0.0.0.0']);
    const drain = `${url}/fairlead/drain`;
    assert.equal((await fetch(drain)).status, 405);
    for (const headers of [{ 'x-forwarded-for': '127.0.0.1' }, { origin: 'http://127.0.0.1' }])
      assert.equal((await fetch(drain, { method: 'POST', headers })).status, 403);
    if (elsewhere === undefined) t.diagnostic('this machine has no other address to ask from');
    else {
      const outside = drain.replace('127.0.0.1', elsewhere);
      assert.equal((await fetch(outside, { method: 'POST' })).status, 403);
    }
    for (const path of [
      '/fairlead/drain/',
      '//fairlead/drain',
      '/fairlead%2fdrain',
      '/x/../fairlead/drain/.',
    ])
      assert.notEqual(await post(`${url}${path}`, new Agent()), 202, path);
    assert.equal((await fetch(`${url}/health`)).status, 200, 'it drains');
  }
});
