/** The real program under the worst: servers and supervisor killed while clients send. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { exists, type Load, load } from '../../src/local/io/fixtures/service.ts';
import { type Program, root, running, until } from '../programs/fairlead.ts';

const sample = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'utf8');

interface Health {
  readonly revisions: readonly {
    readonly weight: number;
    readonly healthy: boolean;
    readonly servers: number;
  }[];
}

/** A file with two servers of the first version, and perhaps a candidate. */
async function serviceFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-local-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'fairlead.yaml');
  await writeFile(file, text(2));
  return file;
}

function text(replicas: number, candidate?: number): string {
  const models = join(root, 'examples', 'digits', 'models', 'digits');
  const trial =
    candidate === undefined ? {} : { candidate: { model: { uri: join(models, '2') }, weight: candidate } };
  const spec = { model: { uri: join(models, '1') }, replicas, ...trial };
  return JSON.stringify({ kind: 'ModelService', metadata: { name: 'digits' }, spec });
}

/** The processes of the servers that are ready, as `up` told of them. */
function pids({ stderr }: Program): number[] {
  return [...stderr().matchAll(/ is ready at \S+, process (\d+)/g)].map(([, pid]) => Number(pid));
}

function sending(t: TestContext, { url }: Program, clients: number): Load {
  const sent = load(`${url}/predict`, { clients, body: sample });
  t.after(() => sent.stop());
  return sent;
}

async function metric(url: string, name: string): Promise<number> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const values = [...page.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

test('kill -9 of one of two servers costs 32 clients no request, and the server comes back', async t => {
  const program = await running(t, ['up', await serviceFile(t)]);
  await until(() => pids(program).length === 2);
  const clients = sending(t, program, 32);
  await until(() => clients.seen.ok > 1000);
  const [victim = 0] = pids(program);
  process.kill(victim, 'SIGKILL');
  await until(async () => (await metric(program.url, 'gateway_server_restarts_total')) === 1);
  await until(async () => (await metric(program.url, 'gateway_server_healthy')) === 2);
  const before = clients.seen.ok;
  await until(() => clients.seen.ok > before + 1000);
  await clients.stop();
  assert.deepEqual(clients.seen.failed, []);
  assert.equal(pids(program).length, 3, 'a third process has become ready');
  t.diagnostic(`${clients.seen.ok} requests, 0 failed`);
});

/** The arms in service, as `weight x servers`; the other words tell that one has no healthy server. */
async function armsOf(url: string): Promise<string> {
  const { revisions } = (await (await fetch(`${url}/health`)).json()) as Health;
  return revisions
    .map(({ weight, servers, healthy }) => `${weight} x ${servers}${healthy ? '' : ' down'}`)
    .join(', ');
}

test('edits of replicas, weights and revisions cost 16 clients no request', async t => {
  const file = await serviceFile(t);
  const program = await running(t, ['up', file]);
  await until(() => program.stderr().includes('Ctrl-C stops.'));
  const clients = sending(t, program, 16);
  const edits = [
    { to: text(2, 10), arms: '90 x 2, 10 x 1' },
    { to: text(1, 50), arms: '50 x 1, 50 x 1' },
    { to: text(1), arms: '100 x 1' },
    { to: text(3, 0), arms: '100 x 3, 0 x 1' },
  ];
  for (const { to, arms } of edits) {
    await writeFile(file, to);
    await until(async () => (await armsOf(program.url)) === arms);
    const before = clients.seen.ok;
    await until(() => clients.seen.ok > before + 200);
  }
  await clients.stop();
  assert.deepEqual(clients.seen.failed, []);
});

test('Ctrl-C under load finishes what is in flight', async t => {
  const program = await running(t, ['up', await serviceFile(t)]);
  const clients = sending(t, program, 8);
  await until(() => clients.seen.ok > 200);
  const ended = program.stop('SIGINT');
  await clients.stop();
  assert.equal(await ended, 0);
  const other = clients.seen.failed.filter(problem => !/ECONNREFUSED|ECONNRESET/.test(problem));
  assert.deepEqual(other, [], 'what was accepted is answered');
});

test('servers do not outlive a supervisor that is killed', async t => {
  const program = await running(t, ['up', await serviceFile(t)]);
  await until(() => pids(program).length === 2);
  const servers = pids(program);
  assert.ok(servers.every(exists));
  await program.stop('SIGKILL');
  await until(() => !servers.some(exists));
});
