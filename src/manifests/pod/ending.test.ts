import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { releaseOf } from '../fixtures/release.ts';
import { tiersOf } from '../workload/tiers.ts';
import { endingOf, isOverlong } from './ending.ts';

const clouds = { eks: 110, karpenter: 110, gke: 15, 'gke-autopilot': 25, aks: 25 } as const;

/** How the pods of a file's last tier end: with a cloud, those on spot machines. */
function endingIn(spec: object) {
  const [arm] = releaseOf(spec).arms;
  const [tier, spot = tier] = tiersOf(arm);
  return endingOf(arm, spot);
}

const spot = (more: object) => ({ capacity: { spot: more } });
const drain = (times: object) => ({ server: { drain: times } });

const cases: readonly { name: string; spec: object; ending: object }[] = [
  { name: 'of a file that says nothing', spec: {}, ending: { preStop: 10, whole: 45 } },
  {
    name: 'whose server waits for balancers too: only what is left of their time is waited before',
    spec: drain({ delay: '4s', grace: '20s' }),
    ending: { preStop: 6, whole: 31 },
  },
  {
    name: 'whose server waits long enough by itself',
    spec: drain({ delay: '15s', grace: '20s' }),
    ending: { preStop: 0, whole: 25 },
  },
  {
    name: 'of a server of others, which knows no delay: the pod waits for it',
    spec: { ...drain({ delay: '15s', grace: '20s' }), runtime: { triton: {} } },
    ending: { preStop: 15, whole: 40 },
  },
  {
    name: 'on machines with two minutes, as anywhere',
    spec: { ...drain({ grace: '60s' }), ...spot({ cloud: 'eks' }) },
    ending: { preStop: 10, whole: 75 },
  },
  {
    name: 'on GKE, where there are 15 s',
    spec: { ...drain({ grace: '8s' }), ...spot({ cloud: 'gke' }) },
    ending: { preStop: 5, whole: 15 },
  },
  {
    name: 'where less is asked for than is left: balancers have more of it',
    spec: { ...drain({ grace: '5s' }), ...spot({ cloud: 'gke' }) },
    ending: { preStop: 8, whole: 15 },
  },
  {
    name: 'where the default grace does not fit',
    spec: spot({ cloud: 'gke' }),
    ending: { budget: 15, fits: 8 },
  },
  {
    name: 'within the file’s own budget, which is less than the cloud’s',
    spec: { ...drain({ grace: '20s' }), ...spot({ cloud: 'eks', notice: { budget: '20s' } }) },
    ending: { budget: 20, fits: 13 },
  },
  {
    name: 'within the file’s own budget, where no cloud is said',
    spec: { ...drain({ grace: '10s' }), ...spot({ notice: { budget: '20s' } }) },
    ending: { preStop: 8, whole: 20 },
  },
];

for (const { name, spec, ending } of cases)
  test(`the end of a pod ${name}`, () => {
    assert.deepEqual(endingIn(spec), ending);
  });

test('pods of the floor have all the time that the file says', () => {
  const [arm] = releaseOf({ ...spot({ cloud: 'gke', floor: 1 }), replicas: 2 }).arms;
  assert.deepEqual(endingOf(arm, tiersOf(arm)[0]), { preStop: 10, whole: 45 });
});

test('a server always has its whole grace, and no pod more than its cloud gives; what fits, fits', () => {
  const times = fc.record({
    cloud: fc.constantFrom(...(Object.keys(clouds) as (keyof typeof clouds)[])),
    grace: fc.integer({ min: 1000, max: 200_000 }),
    delay: fc.integer({ min: 0, max: 30_000 }),
  });
  fc.assert(
    fc.property(times, ({ cloud, grace, delay }) => {
      fc.pre(delay < grace);
      const written = (ms: number) => ({
        ...drain({ delay: `${delay}ms`, grace: `${ms}ms` }),
        ...spot({ cloud }),
      });
      const ending = endingIn(written(grace));
      if (!isOverlong(ending)) {
        assert.ok(ending.whole <= clouds[cloud]);
        assert.ok((ending.whole - ending.preStop) * 1000 >= grace);
      } else if (ending.fits * 1000 > delay && ending.fits >= 1) {
        assert.ok(ending.fits * 1000 < grace);
        assert.ok(!isOverlong(endingIn(written(ending.fits * 1000))));
      }
    }),
    { numRuns: 60 },
  );
});
