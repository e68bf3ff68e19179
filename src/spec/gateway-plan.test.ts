import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GatewayPlan, gatewayPlanText } from './gateway-plan.ts';
import { parseGatewayPlan } from './parse.ts';

const arm = {
  revision: 'digits-16b18e16',
  role: 'stable',
  models: [{ name: 'digits', version: '1' }],
  weight: 100,
  host: 'digits-16b18e16-pods.ml.svc.cluster.local',
  port: 8501,
  ready: '/health',
};

const least = { service: 'digits', arms: [arm] };

function read(plan: object): GatewayPlan {
  const found = parseGatewayPlan(JSON.stringify(plan));
  assert.ok(found.ok, found.ok ? '' : JSON.stringify(found.error));
  return found.value;
}

test('a plan says how the door is as a service file does, with the same defaults', () => {
  const { server, isForeign } = read(least);
  assert.deepEqual(server, {
    limits: { body: '128Mi', inFlight: 4096, requestTime: '30s' },
    drain: { delay: '0s', grace: '30s' },
  });
  assert.equal(isForeign, false);
});

test('the text of a plan is read as the plan that it was, and is the same whatever the order of its members', () => {
  const plan = read({
    ...least,
    isForeign: true,
    server: {
      auth: { predict: { keys: { file: '/etc/keys.yaml' } } },
      tls: { certificate: '/t/tls.crt', key: '/t/tls.key' },
      cors: { origins: ['https://app.example'] },
      tracing: { endpoint: 'http://collector:4318/v1/traces' },
      drain: { delay: '5s' },
    },
    arms: [
      {
        ...arm,
        weight: 90,
        grpcPort: 8500,
        metrics: { port: 8002, path: '/metrics' },
        answerMs: 1000,
        mostBody: 5,
      },
      { ...arm, revision: 'digits-c8d52e39', role: 'candidate', weight: 10, host: '10.0.0.7' },
    ],
  });
  assert.deepEqual(read(JSON.parse(gatewayPlanText(plan)) as object), plan);
  const turned = Object.fromEntries(Object.entries(plan).toReversed()) as unknown as GatewayPlan;
  assert.equal(gatewayPlanText(turned), gatewayPlanText(plan));
});

const hosts = ['digits-pods', 'digits-pods.ml.svc.cluster.local.', '10.0.0.7', '127.0.0.2', 'fd00::7', '::1'];
for (const host of hosts)
  test(`a host may be ${host}`, () => {
    assert.equal(read({ ...least, arms: [{ ...arm, host }] }).arms[0]?.host, host);
  });

const faults = [
  { name: 'no arm', plan: { ...least, arms: [] }, path: 'arms', problem: /must hold an arm/ },
  {
    name: 'weights of another sum',
    plan: { ...least, arms: [{ ...arm, weight: 90 }] },
    path: 'arms',
    problem: /add up to 100/,
  },
  {
    name: 'a revision twice',
    plan: {
      ...least,
      arms: [
        { ...arm, weight: 50 },
        { ...arm, weight: 50 },
      ],
    },
    path: 'arms',
    problem: /each revision once/,
  },
  {
    name: 'a host with a port',
    plan: { ...least, arms: [{ ...arm, host: 'digits:80' }] },
    path: 'arms[0].host',
    problem: /name of DNS/,
  },
  { name: 'no port', plan: { ...least, arms: [{ ...arm, port: 0 }] }, path: 'arms[0].port', problem: /1/ },
  {
    name: 'a probe without a path',
    plan: { ...least, arms: [{ ...arm, ready: 'health' }] },
    path: 'arms[0].ready',
    problem: /begins with \//,
  },
  {
    name: 'a member that it has not',
    plan: { ...least, server: { batching: {} } },
    path: 'server.batching',
    problem: /not a known key/,
  },
];

for (const { name, plan, path, problem } of faults)
  test(`a plan is refused for ${name}`, () => {
    const found = parseGatewayPlan(JSON.stringify(plan));
    const [issue] = found.ok ? [] : found.error;
    assert.equal(issue?.path, path);
    assert.match(issue?.problem ?? '', problem);
  });

test('a plan that is no YAML is refused by its name', () => {
  const found = parseGatewayPlan('{');
  assert.match(found.ok ? '' : String(found.error[0]?.problem), /^the plan is not valid YAML/);
});
