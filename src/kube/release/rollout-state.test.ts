import assert from 'node:assert/strict';
import test from 'node:test';
import { type RolloutState, rolloutState } from './rollout-state.ts';

function state(status: object, replicas?: number): RolloutState {
  return rolloutState({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', uid: 'u', resourceVersion: '1', generation: 2 },
    spec: replicas === undefined ? {} : { replicas },
    status,
  });
}

const progressing = (reason: string) => ({ conditions: [{ type: 'Progressing', status: 'True', reason }] });
const pods = (
  replicas: number,
  updatedReplicas: number,
  availableReplicas: number,
  observedGeneration = 2,
) => ({
  observedGeneration,
  replicas,
  updatedReplicas,
  availableReplicas,
});

const cases: readonly { name: string; state: RolloutState; is: Partial<RolloutState> }[] = [
  { name: 'new', state: state({}, 3), is: { wanted: 3, available: 0, isDone: false, hasServed: false } },
  { name: 'done', state: state(pods(3, 3, 3), 3), is: { available: 3, isDone: true, hasServed: true } },
  {
    name: 'done with one pod, which is the default',
    state: state(pods(1, 1, 1)),
    is: { wanted: 1, isDone: true },
  },
  { name: 'scaled to nothing', state: state(pods(0, 0, 0), 0), is: { wanted: 0, isDone: true } },
  {
    name: 'changed, and not looked at',
    state: state(pods(3, 3, 3, 1), 3),
    is: { available: 0, isDone: false, hasServed: true },
  },
  {
    name: 'half way, with old pods that serve',
    state: state(pods(4, 1, 3), 3),
    is: { available: 0, isDone: false, hasServed: true },
  },
  {
    name: 'new, with old pods that end',
    state: state(pods(4, 3, 4), 3),
    is: { available: 3, isDone: false },
  },
  {
    name: 'stuck',
    state: state({ ...pods(1, 1, 0), ...progressing('ProgressDeadlineExceeded') }, 1),
    is: { isDone: false, isStuck: true, hasServed: false },
  },
  {
    name: 'without pods for a moment',
    state: state({ ...pods(1, 1, 0), ...progressing('NewReplicaSetAvailable') }, 1),
    is: { isDone: false, hasServed: true },
  },
];

for (const { name, state: found, is } of cases)
  test(`a Deployment tells how far it is: ${name}`, () => {
    for (const [key, value] of Object.entries(is)) assert.equal(found[key as keyof RolloutState], value, key);
  });
