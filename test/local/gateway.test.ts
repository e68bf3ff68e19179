/** The real gateway before real servers on addresses of this machine, with its plan mounted as Kubernetes mounts one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { type GatewayPlan, gatewayPlanText, parseGatewayPlan } from '#spec';
import { call, rpcClient } from '../../src/local/io/fixtures/rpc-client.ts';
import { ask, type Load, load } from '../../src/local/io/fixtures/service.ts';
import { type Program, root, run, running, until } from '../programs/fairlead.ts';

const sample = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'utf8');

/** A server of one version, at an address and port of its own. */
function server(t: TestContext, version: string, host: string): Promise<Program> {
  const model = `digits=${join(root, 'examples', 'digits', 'models', 'digits', version)}`;
  return running(t, ['serve', model, '--host', host, '--grace', '10s']);
}

interface Arm {
  readonly at: Program;
  readonly version: string;
  readonly weight: number;
}

function planOf(...arms: readonly Arm[]): GatewayPlan {
  const read = parseGatewayPlan(
    JSON.stringify({
      service: 'digits',
      server: { drain: { delay: '200ms', grace: '10s' } },
      arms: arms.map(({ at, version, weight }, index) => {
        const { hostname, port } = new URL(at.url);
        return {
          revision: `digits-${version}`,
          role: index === 0 ? 'stable' : 'candidate',
          models: [{ name: 'digits', version }],
          weight,
          host: hostname,
          port: Number(port),
          grpcPort: Number(at.grpc.split(':').at(-1)),
          ready: '/health',
          metrics: { path: '/metrics' },
        };
      }),
    }),
  );
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
}

/** A folder as a ConfigMap is mounted: what it holds is below a link, and a change is another link in its place. */
class Mounted {
  readonly path: string;
  readonly #folder: string;
  #changes = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'plan.json');
  }

  async write(text: string): Promise<void> {
    const name = `..2026_${(this.#changes += 1)}`;
    await mkdir(join(this.#folder, name));
    await writeFile(join(this.#folder, name, 'plan.json'), text);
    await symlink(name, join(this.#folder, '..data_tmp'));
    await rename(join(this.#folder, '..data_tmp'), join(this.#folder, '..data'));
    if (this.#changes === 1) await symlink(join('..data', 'plan.json'), this.path);
    else await rm(join(this.#folder, `..2026_${this.#changes - 1}`), { recursive: true });
  }
}

async function mounted(t: TestContext, plan: GatewayPlan): Promise<Mounted> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-gateway-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const made = new Mounted(folder);
  await made.write(gatewayPlanText(plan));
  return made;
}

/** Of so many requests, how many each version answered. */
async function split(url: string, count: number): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let at = 0; at < count; at++) {
    const { status, text } = await ask(`${url}/predict`, { body: sample });
    assert.equal(status, 200, text);
    const { model_version: version } = JSON.parse(text) as { model_version: string };
    seen[version] = (seen[version] ?? 0) + 1;
  }
  return seen;
}

function sending(t: TestContext, { url }: Program, clients: number): Load {
  const sent = load(`${url}/predict`, { clients, body: sample });
  t.after(() => sent.stop());
  return sent;
}

/** Whether each revision of the plan in force has a server. */
async function isWhole({ url }: Program): Promise<boolean> {
  return /"status":"ok"/.test((await ask(`${url}/health`)).text);
}

test('1,000 requests are split as the plan says, to one, and one that names a version goes to it', async t => {
  const [one, two] = await Promise.all([server(t, '1', '127.0.0.2'), server(t, '2', '127.0.0.3')]);
  const plan = planOf({ at: one, version: '1', weight: 90 }, { at: two, version: '2', weight: 10 });
  const { path } = await mounted(t, plan);
  const gateway = await running(t, ['gateway', '--plan', path]);
  await until(() => isWhole(gateway));
  assert.deepEqual(await split(gateway.url, 1000), { 1: 900, 2: 100 });
  const pinned = await ask(`${gateway.url}/v1/models/digits/versions/2:predict`, { body: sample });
  assert.equal(pinned.headers['x-fairlead-revision'], 'digits-2');
  const { headers } = await call(rpcClient(t, gateway), '/inference.GRPCInferenceService/ServerReady');
  assert.match(String(headers?.get('x-fairlead-revision')), /^digits-[12]$/);
  const { text } = await ask(`${gateway.url}/metrics`);
  assert.match(text, /^gateway_requests_total\{revision="digits-1",code="200"\} 90[01]$/m);
  assert.match(text, /^model_ready\{revision="digits-2",server="0",.*\} 1$/m);
});

test('a plan that is swapped moves the traffic, and what is wrong with one is said, at the cost of no request', async t => {
  const [one, two] = await Promise.all([server(t, '1', '127.0.0.2'), server(t, '2', '127.0.0.3')]);
  const arms = (weight: number): GatewayPlan =>
    planOf({ at: one, version: '1', weight: 100 - weight }, { at: two, version: '2', weight });
  const plan = await mounted(t, arms(10));
  const gateway = await running(t, ['gateway', '--plan', plan.path]);
  const inForce = (): number => gateway.stderr().split('"plan in force"').length - 1;
  const clients = sending(t, gateway, 16);
  await until(() => clients.seen.ok > 300);
  await plan.write(gatewayPlanText(arms(60)));
  await until(() => inForce() === 1);
  await plan.write('{"service": "digits", "arms": []}');
  await until(() => /plan not in force.*arms must hold an arm/.test(gateway.stderr()));
  await plan.write(gatewayPlanText(planOf({ at: two, version: '2', weight: 100 })));
  await until(() => inForce() === 2);
  const before = clients.seen.ok;
  await until(() => clients.seen.ok > before + 300);
  await clients.stop();
  assert.deepEqual(clients.seen.failed, []);
  assert.deepEqual(await split(gateway.url, 20), { 2: 20 });
  t.diagnostic(`${clients.seen.ok} requests, 0 failed`);
});

for (const signal of ['SIGKILL', 'SIGTERM'] as const)
  test(`a server that ends by ${signal} costs 16 clients no request`, async t => {
    const [one, two] = await Promise.all([server(t, '1', '127.0.0.2'), server(t, '2', '127.0.0.3')]);
    const plan = planOf({ at: one, version: '1', weight: 50 }, { at: two, version: '2', weight: 50 });
    const { path } = await mounted(t, plan);
    const gateway = await running(t, ['gateway', '--plan', path]);
    await until(() => isWhole(gateway));
    const clients = sending(t, gateway, 16);
    await until(() => clients.seen.ok > 300);
    one.child.kill(signal);
    await until(async () => !(await isWhole(gateway)));
    const before = clients.seen.ok;
    await until(() => clients.seen.ok > before + 300);
    await clients.stop();
    assert.deepEqual(clients.seen.failed, []);
    t.diagnostic(`${clients.seen.ok} requests, 0 failed`);
  });

test('a gateway whose plan is faulty or not there does not begin, and says where', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-gateway-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'plan.json');
  const missing = await run(['gateway', '--plan', path, '--port', '0']);
  assert.deepEqual([missing.code, missing.stdout], [3, '']);
  assert.match(missing.stderr, /plan\.json cannot be read/);
  await writeFile(path, '{"service": "digits",\n "arms": []}');
  const faulty = await run(['gateway', '--plan', path, '--port', '0']);
  assert.deepEqual([faulty.code, faulty.stdout], [2, '']);
  assert.match(faulty.stderr, /plan\.json has a fault:\n  line 2, column 10: arms must hold an arm/);
  assert.equal((await run(['gateway'])).code, 2);
});

test('SIGTERM ends a gateway with 0 once what is in flight is answered', async t => {
  const one = await server(t, '1', '127.0.0.2');
  const { path } = await mounted(t, planOf({ at: one, version: '1', weight: 100 }));
  const gateway = await running(t, ['gateway', '--plan', path]);
  const clients = sending(t, gateway, 8);
  await until(() => clients.seen.ok > 100);
  const ended = gateway.stop();
  await until(async () => (await ask(`${gateway.url}/health`)).status === 503);
  await clients.stop();
  assert.equal(await ended, 0);
  assert.deepEqual(clients.seen.failed, []);
});
