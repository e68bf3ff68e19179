import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { asAppError } from '#base';
import { justPaths } from './model-store.ts';
import { type Released, type ReleaseFlags, releaseFrom } from './release.ts';

const ports = { stores: { under: () => justPaths }, signal: new AbortController().signal };

/** A service file by what it says, and what lies beside it. */
async function released(
  spec: object,
  { beside = {}, flags = {} }: { beside?: Record<string, string>; flags?: ReleaseFlags } = {},
): Promise<Released> {
  const folder = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    const file = { kind: 'ModelService', metadata: { name: 'digits' }, spec };
    await writeFile(join(folder, 'fairlead.yaml'), JSON.stringify(file));
    for (const [name, text] of Object.entries(beside)) await writeFile(join(folder, name), text);
    const { candidate } = flags;
    const there = candidate === undefined ? flags : { ...flags, candidate: join(folder, candidate) };
    return await releaseFrom(join(folder, 'fairlead.yaml'), there, ports);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .publicKey.export({ type: 'spki', format: 'pem' })
  .toString();
const model = { uri: 's3://bucket/digits/3' };

test('the files of a policy are settings of pods that pull', async () => {
  const policy = { signature: { key: 'signing.pub' } };
  const { release } = await released({ model, policy }, { beside: { 'signing.pub': key } });
  const [{ settings, left }] = release.arms;
  assert.deepEqual(settings, [{ path: '/etc/fairlead/policy/key.pem', text: key }]);
  assert.deepEqual(left, []);
});

const refused: readonly { name: string; model: object; policy: object; problem: RegExp }[] = [
  {
    name: 'from elsewhere',
    model,
    policy: { sources: ['s3://buck', 'gs'] },
    problem: /spec\.model\.uri: .*lets in only what comes from s3:\/\/buck, gs/,
  },
  {
    name: 'that is not pinned',
    model: { uri: 'pvc://claim/m' },
    policy: { digest: 'required' },
    problem: /spec\.model\.uri: .*has no digest/,
  },
];

test('a private key in the place of a public one goes into no object', async () => {
  const policy = { signature: { key: 'signing.pem' } };
  const beside = { 'signing.pem': '-----BEGIN PRIVATE KEY-----' };
  await assert.rejects(released({ model, policy }, { beside }), /it holds a private key/);
});

const odd: readonly (readonly [what: string, spec: object, problem: RegExp])[] = [
  [
    'a version that is no number',
    { model: { ...model, version: 'blue' }, runtime: { tensorflowServing: {} } },
    /version 'blue' of 'digits' must be a number/,
  ],
  [
    'a label of a version that a server of others has not',
    { model: { ...model, labels: { live: '4' } }, runtime: { tensorflowServing: {} } },
    /served are 3/,
  ],
  [
    'two models of one name and version',
    {
      models: [
        { name: 'a', ...model },
        { name: 'a', uri: 's3://bucket/3' },
      ],
      runtime: { tensorflowServing: {} },
    },
    /two models are both 'a' version 3/,
  ],
];

for (const [what, spec, problem] of odd)
  test(`what only shows by revisions is refused: ${what}`, () => assert.rejects(released(spec), problem));

for (const [path, spec] of [
  ['spec.model', { model: { uri: 's3://b/digits' } }],
  [
    'spec.candidate.models[1]',
    {
      model,
      candidate: {
        models: [
          { name: 'a', ...model },
          { name: 'b', uri: 'gs://b' },
        ],
        weight: 1,
      },
    },
  ],
] as const)
  test(`a URI that is none is told with its place in the file: ${path}`, async () => {
    await assert.rejects(released(spec), (error: unknown) => {
      const { code, message } = asAppError(error);
      assert.equal(code, 'spec_invalid');
      assert.ok(message.includes(`${path}.uri: `), message);
      return true;
    });
  });

for (const [where, spec, flags] of [
  ['--image', { model }, { image: 'Acme/Digits:1' }],
  ['spec.image', { model, image: 'has space:1' }],
  ['spec.candidate.image', { model, candidate: { model: { uri: './m' }, weight: 1, image: 'a@sha256:12' } }],
  ['spec.kubernetes.fairlead', { model, runtime: { triton: {} }, kubernetes: { fairlead: 'https://a/b' } }],
] as const)
  test(`an image that no node could pull is refused: ${where}`, async () => {
    await assert.rejects(released(spec, { flags: flags ?? {} }), (error: unknown) => {
      const { code, message } = asAppError(error);
      assert.equal(code, 'spec_invalid');
      assert.ok(message.includes(`${where} is no name of an image`), message);
      return true;
    });
  });

test("labels of what fairlead's own server pulls are for the server to look at", async () => {
  const labelled = { ...model, labels: { live: '3' } };
  assert.equal((await released({ model: labelled })).release.arms.length, 1);
});

const stray: readonly (readonly [path: string, spec: object])[] = [
  ['traffic', { traffic: { istio: {} } }],
  ['kubernetes.namespace', { kubernetes: { namespace: 'other' } }],
  ['kubernetes.network', { kubernetes: { network: { from: [{ team: 'ml' }] } } }],
  ['kubernetes.metrics', { kubernetes: { metrics: { none: {} } } }],
  ['kubernetes.serviceAccount', { kubernetes: { serviceAccount: { name: 'a' } } }],
  ['kubernetes.fairlead', { kubernetes: { fairlead: 'a:1' } }],
  ['server.auth', { server: { auth: { predict: { keys: { file: 'k.yaml' } } } } }],
];
const flags = { candidate: 'next.yaml' };
const runtime = { triton: {} };
const next = (spec: object): string =>
  JSON.stringify({
    kind: 'ModelService',
    metadata: { name: 'digits' },
    spec: { model: { uri: 's3://bucket/digits/4' }, runtime, ...spec },
  });

for (const [path, spec] of stray)
  test(`what the candidate's file says of the service as a whole is refused where it is another thing: ${path}`, async () => {
    const beside = { 'next.yaml': next(spec) };
    await assert.rejects(released({ model, runtime }, { beside, flags }), (error: unknown) => {
      const { message } = asAppError(error);
      assert.match(
        message,
        new RegExp(`next\\.yaml.*spec\\.${path} has no effect.*fairlead\\.yaml decides`, 's'),
      );
      return true;
    });
    const { release } = await released({ model, runtime, ...spec }, { beside, flags });
    assert.equal(release.arms.length, 2);
  });

test("what the candidate's file does not say of the service is as the stable one says it", async () => {
  const spec = { model, runtime, traffic: { builtin: {} }, kubernetes: { metrics: { podMonitor: {} } } };
  const { release } = await released(spec, { beside: { 'next.yaml': next({}) }, flags });
  assert.equal(release.arms.length, 2);
});

for (const { name, problem, ...spec } of refused)
  test(`a model ${name} is refused by the policy before there are pods`, async () => {
    await assert.rejects(released(spec), (error: unknown) => {
      const { code, message } = asAppError(error);
      assert.equal(code, 'spec_invalid');
      assert.match(message, problem);
      return true;
    });
  });
