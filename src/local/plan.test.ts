import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Arm, parse } from '#spec';
import { foldArms, type Observed, type Plan, plan } from './plan.ts';

const smallest = parse('{"kind":"ModelService","metadata":{"name":"d"},"spec":{"model":{"uri":"m"}}}');
assert.ok(smallest.ok);
const { runtime, server: options } = smallest.value.spec;

function arm(name: string, replicas: number, weight = 100): Arm {
  return {
    role: 'stable',
    replicas,
    weight,
    revision: {
      name,
      models: [],
      told: { kind: 'entries', entries: [] },
      away: { kind: 'entries', entries: [] },
      runtime,
      server: options,
    },
  };
}

function running(revision: string, ...ids: number[]): Observed[] {
  return ids.map(id => ({ revision, id, stopping: false }));
}

function written({ actions }: Plan): string[] {
  return actions.map(action =>
    action.kind === 'start'
      ? `start ${action.revision.name}/${action.id}`
      : `stop ${action.revision}/${action.id}`,
  );
}

const cases: readonly {
  name: string;
  desired: Arm[];
  observed: Observed[];
  actions: string[];
  because: string[];
}[] = [
  {
    name: 'a first start starts all',
    desired: [arm('a', 2), arm('b', 1)],
    observed: [],
    actions: ['start a/0', 'start a/1', 'start b/0'],
    because: [
      'a should have 2 servers and has none: start 2',
      'b should have 1 server and has none: start 1',
    ],
  },
  {
    name: 'a new weight changes no process',
    desired: [arm('a', 1, 10), arm('b', 1, 90)],
    observed: [...running('a', 0), ...running('b', 0)],
    actions: [],
    because: [],
  },
  {
    name: 'a new revision starts before the old one stops',
    desired: [arm('b', 1)],
    observed: running('a', 0),
    actions: ['start b/0', 'stop a/0'],
    because: ['b should have 1 server and has none: start 1', 'a is no longer in the file: stop 1 server'],
  },
  {
    name: 'fewer replicas stop the highest ids',
    desired: [arm('a', 1)],
    observed: running('a', 2, 0, 1),
    actions: ['stop a/1', 'stop a/2'],
    because: ['a should have 1 server and has 3: stop 2'],
  },
  {
    name: 'no replicas stops them all',
    desired: [arm('a', 0)],
    observed: running('a', 0),
    actions: ['stop a/0'],
    because: ['a should have 0 servers and has 1: stop 1'],
  },
  {
    name: 'a new server does not take the id of one that is still stopping',
    desired: [arm('a', 2)],
    observed: [...running('a', 0), { revision: 'a', id: 1, stopping: true }],
    actions: ['start a/2'],
    because: ['a should have 2 servers and has 1: start 1'],
  },
  {
    name: 'what is stopping already is left alone',
    desired: [],
    observed: [{ revision: 'a', id: 0, stopping: true }],
    actions: [],
    because: [],
  },
];

for (const { name, desired, observed, actions, because } of cases) {
  test(name, () => {
    const found = plan(desired, observed);
    assert.deepEqual(written(found), actions);
    assert.deepEqual(found.because, because);
  });
}

test('arms of one revision fold into one with the sum of replicas and weights', () => {
  const [folded, ...rest] = foldArms([arm('a', 1, 90), { ...arm('a', 2, 10), role: 'candidate' }]);
  assert.deepEqual(rest, []);
  assert.deepEqual(folded, arm('a', 3, 100));
});

function carriedOut({ actions }: Plan, observed: readonly Observed[]): Observed[] {
  const stopped = (server: Observed) =>
    actions.some(a => a.kind === 'stop' && a.revision === server.revision && a.id === server.id);
  const started = actions.flatMap(a => (a.kind === 'start' ? running(a.revision.name, a.id) : []));
  return [...observed.map(server => (stopped(server) ? { ...server, stopping: true } : server)), ...started];
}

const names = fc.constantFrom('a', 'b', 'c');
const desiredArms = fc.array(fc.tuple(names, fc.integer({ min: 0, max: 4 })), { maxLength: 3 });
const observedServers = fc.uniqueArray(
  fc.record({ revision: names, id: fc.integer({ min: 0, max: 5 }), stopping: fc.boolean() }),
  { selector: ({ revision, id }) => `${revision}/${id}`, maxLength: 12 },
);

test('carrying out a plan leaves nothing to do, each arm its replicas, and no id twice', () => {
  fc.assert(
    fc.property(desiredArms, observedServers, (wanted, observed) => {
      const arms = wanted.map(([name, replicas]) => arm(name, replicas));
      const after = carriedOut(plan(arms, observed), observed);
      assert.deepEqual(plan(arms, after), { actions: [], because: [] });
      const keys = after.map(({ revision, id }) => `${revision}/${id}`);
      assert.equal(new Set(keys).size, keys.length);
      for (const { revision, replicas } of foldArms(arms)) {
        const up = after.filter(server => server.revision === revision.name && !server.stopping);
        assert.equal(up.length, replicas);
      }
    }),
  );
});

test('a revision that stays is never both started and stopped', () => {
  fc.assert(
    fc.property(desiredArms, observedServers, (wanted, observed) => {
      const { actions } = plan(
        wanted.map(([name, replicas]) => arm(name, replicas)),
        observed,
      );
      const started = actions.flatMap(a => (a.kind === 'start' ? [a.revision.name] : []));
      const stopped = actions.flatMap(a => (a.kind === 'stop' ? [a.revision] : []));
      assert.deepEqual(
        started.filter(name => stopped.includes(name)),
        [],
      );
    }),
  );
});
