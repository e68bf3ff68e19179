import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from './fixtures/release.ts';
import { type Router, routerOf } from './router.ts';

const candidate = { model: { uri: './models/new' }, weight: 10 };

const cases: readonly (readonly [name: string, spec: object, router: Router])[] = [
  ['nothing without a candidate', {}, 'none'],
  ["fairlead's own gateway with a candidate", { candidate }, 'builtin'],
  ["fairlead's own gateway where the file says it", { traffic: { builtin: {} } }, 'builtin'],
  ['the number of pods', { candidate, traffic: { replicas: {} } }, 'replicas'],
  ['a Gateway', { candidate, traffic: { gatewayApi: { gateway: { name: 'main' } } } }, 'gatewayApi'],
  ['Istio', { traffic: { istio: {} } }, 'istio'],
];

for (const [name, spec, router] of cases)
  test(`what splits the traffic is ${name}`, () => assert.equal(routerOf(releaseOf(spec)), router));
