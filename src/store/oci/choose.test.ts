import assert from 'node:assert/strict';
import test from 'node:test';
import type { Descriptor } from '../registry/manifest.ts';
import { architectureOf, chosen } from './choose.ts';

function manifestFor(platform: string | undefined, annotations: Record<string, string> = {}): Descriptor {
  const [os = '', architecture = ''] = platform?.split('/') ?? [];
  const digest = `sha256:${Buffer.from(platform ?? 'none')
    .toString('hex')
    .padEnd(64, '0')}`;
  const described = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 1, annotations };
  return platform === undefined ? described : { ...described, platform: { os, architecture } };
}

const beside = manifestFor('unknown/unknown', { 'vnd.docker.reference.type': 'attestation-manifest' });

const cases: readonly { name: string; platforms: readonly Descriptor[]; of?: string; problem?: RegExp }[] = [
  {
    name: 'this machine',
    platforms: [manifestFor('linux/arm64'), manifestFor('linux/amd64')],
    of: 'linux/amd64',
  },
  { name: 'the only one, whatever it is for', platforms: [manifestFor('linux/s390x')], of: 'linux/s390x' },
  { name: 'the only one, for no platform', platforms: [manifestFor(undefined)], of: 'none' },
  {
    name: 'the only one beside what is about it',
    platforms: [beside, manifestFor('linux/arm64')],
    of: 'linux/arm64',
  },
  {
    name: 'none of several others',
    platforms: [manifestFor('windows/amd64'), manifestFor('linux/arm64'), beside],
    problem: /holds 2 for windows\/amd64, linux\/arm64, and none for linux\/amd64; name one by its digest/,
  },
  {
    name: 'none of several for no platform',
    platforms: [manifestFor(undefined), manifestFor(undefined)],
    problem: /no platform/,
  },
  { name: 'none of nothing', platforms: [beside], problem: /holds nothing/ },
];

for (const { name, platforms, of, problem } of cases)
  test(`of an index it is ${name}`, () => {
    const result = chosen(platforms, 'amd64');
    if (problem === undefined) {
      assert.ok(result.ok);
      assert.equal(Buffer.from(result.value.digest.slice(7), 'hex').toString().replaceAll('\0', ''), of);
    } else {
      assert.ok(!result.ok);
      assert.match(result.error, problem);
    }
  });

test('processors are called as images call them', () => {
  assert.deepEqual(['x64', 'arm64', 'riscv64', 'constructor'].map(architectureOf), [
    'amd64',
    'arm64',
    'riscv64',
    'constructor',
  ]);
});
