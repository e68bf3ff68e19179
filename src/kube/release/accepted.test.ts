import assert from 'node:assert/strict';
import test from 'node:test';
import { notAccepted, tellsAcceptance } from './accepted.ts';

const GATEWAY = 'gateway.networking.k8s.io/v1';
const metadata = { name: 'digits', uid: 'u', resourceVersion: '1', generation: 3 };

function route(conditions: readonly object[] | undefined, parents = ['public']) {
  return {
    apiVersion: GATEWAY,
    kind: 'HTTPRoute',
    metadata,
    spec: { parentRefs: parents.map(name => ({ name })) },
    status: { parents: conditions === undefined ? [] : [{ parentRef: { name: 'public' }, conditions }] },
  };
}

const is = (type: string, status = 'True', observedGeneration = 3) => ({
  type,
  status,
  observedGeneration,
  message: `${type} is ${status}`,
});

const cases: readonly { name: string; route: ReturnType<typeof route>; says: string | undefined }[] = [
  { name: 'in force', route: route([is('Accepted'), is('ResolvedRefs')]), says: undefined },
  {
    name: 'seen by nobody',
    route: route(undefined),
    says: 'HTTPRoute digits is not in force at public: nothing has answered for it yet',
  },
  {
    name: 'seen as it was before',
    route: route([is('Accepted', 'True', 2), is('ResolvedRefs')]),
    says: 'HTTPRoute digits is not in force at public: nothing has answered for it yet',
  },
  {
    name: 'refused',
    route: route([is('Accepted', 'False'), is('ResolvedRefs')]),
    says: 'HTTPRoute digits is not in force at public: Accepted is False',
  },
  {
    name: 'to a Service that is not there',
    route: route([is('Accepted'), is('ResolvedRefs', 'False')]),
    says: 'HTTPRoute digits is not in force at public: ResolvedRefs is False',
  },
  {
    name: 'in force at one of two parents',
    route: route([is('Accepted'), is('ResolvedRefs')], ['public', 'mesh']),
    says: 'HTTPRoute digits is not in force at mesh: nothing has answered for it yet',
  },
];

for (const { name, route: one, says } of cases)
  test(`a route is asked whether it is in force: ${name}`, () => assert.equal(notAccepted(one), says));

test('an autoscaler has to be able to scale', () => {
  const scaler = (conditions: readonly object[]) => ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    status: { conditions },
  });
  assert.equal(notAccepted(scaler([is('AbleToScale')])), undefined);
  assert.match(notAccepted(scaler([])) ?? '', /was not looked at yet/);
  assert.match(notAccepted(scaler([is('AbleToScale', 'False')])) ?? '', /cannot scale: AbleToScale is False/);
});

test('only what tells is asked', () => {
  const told = ['HTTPRoute', 'GRPCRoute', 'ReferenceGrant'].map(kind =>
    tellsAcceptance({ apiVersion: GATEWAY, kind }),
  );
  assert.deepEqual(told, [true, true, false]);
  assert.equal(tellsAcceptance({ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' }), false);
});
