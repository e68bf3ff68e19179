import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayPlanText, parseGatewayPlan } from '#spec';
import { releaseOf } from '../../fixtures/release.ts';
import { planOf } from './plan.ts';

const candidate = { model: { uri: './models/other' }, weight: 10 };

test('a plan names the pods of each revision, its share, and how they are asked', () => {
  const release = releaseOf({ candidate }, { namespace: 'ml' });
  const plan = planOf(release);
  const [stable, trial] = release.arms.map(({ deployed }) => deployed.revision.name);
  assert.deepEqual(plan.arms[0], {
    revision: stable,
    role: 'stable',
    models: [{ name: 'digits', version: '1' }],
    weight: 90,
    host: `${stable}-pods.ml`,
    port: 8501,
    grpcPort: 8500,
    ready: '/health',
    metrics: { path: '/metrics' },
    answerMs: 31_000,
  });
  assert.deepEqual([plan.arms[1]?.revision, plan.arms[1]?.weight], [trial, 10]);
  assert.equal(plan.isForeign, false);
});

test('without a namespace pods are found in that of the gateway', () => {
  const release = releaseOf({ candidate });
  assert.equal(planOf(release).arms[0]?.host, `${release.arms[0].deployed.revision.name}-pods`);
});

test('a plan is one that the gateway reads', () => {
  const cors = { origins: ['https://app.example'] };
  const spec = { candidate, server: { cors, drain: { delay: '5s' }, limits: { body: '1Mi' } } };
  const plan = planOf(releaseOf(spec));
  const read = parseGatewayPlan(gatewayPlanText(plan));
  assert.deepEqual(read.ok && read.value, plan);
});

test("fairlead's servers ask for credentials themselves, and the gateway does not", () => {
  const auth = { predict: { jwt: { issuer: 'i', audience: 'a', jwks: 'https://i.example/jwks' } } };
  assert.equal(planOf(releaseOf({ candidate, server: { auth } })).server.auth, undefined);
});

test('a server of others is held to the deadline and to the largest body', () => {
  const runtime = { triton: {} };
  const server = { deadline: '2s', limits: { body: '1Mi' } };
  const [arm] = planOf(releaseOf({ runtime, server, candidate })).arms;
  assert.deepEqual(
    [arm?.port, arm?.grpcPort, arm?.ready, arm?.metrics, arm?.answerMs, arm?.mostBody],
    [8000, 8001, '/v2/health/ready', { port: 8002, path: '/metrics' }, 2000, 1024 * 1024],
  );
});

test('what traffic.timeout says is what all are held to', () => {
  const plan = planOf(releaseOf({ candidate, traffic: { builtin: {}, timeout: '700ms' } }));
  assert.deepEqual(
    plan.arms.map(({ answerMs }) => answerMs),
    [700, 700],
  );
});

test('a model that is pulled is known by its name; where no name is known, of no revision', () => {
  const pulled = planOf(releaseOf({ model: { uri: 's3://b/digits' }, candidate }));
  assert.deepEqual(
    pulled.arms.map(({ models }) => models.map(({ name }) => name)),
    [['digits'], ['digits']],
  );
  const unknown = planOf(releaseOf({ repository: { uri: 's3://b/all' }, candidate }));
  assert.deepEqual(
    unknown.arms.map(({ models }) => models),
    [[], []],
  );
});
