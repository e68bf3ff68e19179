import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { disruptionsOf } from './disruptions.ts';

test('a drain takes a part of a revision at once, and never waits for a pod that is not ready', () => {
  const release = releaseOf({ replicas: 4, capacity: { spot: { cloud: 'gke' } } });
  const [stable] = release.arms;
  const [budget, second] = disruptionsOf(release, stable);
  assert.equal(second, undefined);
  const version = stable.deployed.revision.name;
  assert.equal(budget?.metadata.name, version);
  assert.deepEqual(budget?.['spec'], {
    maxUnavailable: '25%',
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector: { matchLabels: { app: 'digits', component: 'server', version } },
  });
});
