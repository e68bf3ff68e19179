import assert from 'node:assert/strict';
import test from 'node:test';
import { pullPolicyOf } from './image-pull.ts';

const cases: readonly (readonly [image: string, policy: string | undefined])[] = [
  [`ghcr.io/acme/digits@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
  [`localhost:5000/digits:2@sha256:${'a'.repeat(64)}`, 'IfNotPresent'],
  ['localhost:5000/digits:2', undefined],
  ['localhost:5000/digits', 'Always'],
  ['digits', 'Always'],
  ['digits:latest', 'Always'],
];

for (const [image, policy] of cases)
  test(`an image named ${image.slice(0, 40)} is asked for ${policy ?? 'as Kubernetes does by itself'}`, () => {
    assert.equal(pullPolicyOf(image), policy);
  });
