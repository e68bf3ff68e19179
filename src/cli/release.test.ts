import assert from 'node:assert/strict';
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

const model = { uri: 's3://bucket/digits/3' };

test('the files of a policy are settings of pods that pull', async () => {
  const policy = { signature: { key: 'signing.pub' } };
  const { release } = await released({ model, policy }, { beside: { 'signing.pub': 'a key' } });
  const [{ settings, left }] = release.arms;
  assert.deepEqual(settings, [{ path: '/etc/fairlead/policy/key.pem', text: 'a key' }]);
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

for (const { name, problem, ...spec } of refused)
  test(`a model ${name} is refused by the policy before there are pods`, async () => {
    await assert.rejects(released(spec), (error: unknown) => {
      const { code, message } = asAppError(error);
      assert.equal(code, 'spec_invalid');
      assert.match(message, problem);
      return true;
    });
  });
