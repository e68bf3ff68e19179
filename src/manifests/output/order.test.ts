import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { extended } from '../fixtures/objects.ts';
import { ordered } from './order.ts';

const named = (kind: string, name = 'digits', apiVersion = 'v1') => ({
  apiVersion,
  kind,
  metadata: { name },
});

test('what is referred to comes before what refers to it, and routes come last', () => {
  const kinds = [...new Set(ordered(extended).map(({ kind }) => kind))];
  assert.deepEqual(kinds, [
    'ServiceAccount',
    'ConfigMap',
    'PersistentVolumeClaim',
    'NetworkPolicy',
    'Deployment',
    'Service',
    'PodDisruptionBudget',
    'HorizontalPodAutoscaler',
    'ScaledObject',
    'DestinationRule',
    'VirtualService',
    'HTTPRoute',
  ]);
});

test('of one kind, objects are in the order of their names', () => {
  const names = ordered([named('Service', 'b'), named('Service', 'a-b'), named('Service', 'a')]);
  assert.deepEqual(
    names.map(({ metadata }) => metadata.name),
    ['a', 'a-b', 'b'],
  );
});

test('a kind of somebody else comes after pods and before routes', () => {
  const kinds = ordered([named('HTTPRoute'), named('Strange'), named('Deployment')]).map(({ kind }) => kind);
  assert.deepEqual(kinds, ['Deployment', 'Strange', 'HTTPRoute']);
});

test('the order is the same whatever it was before', () => {
  const expected = ordered(extended);
  fc.assert(
    fc.property(fc.shuffledSubarray([...extended], { minLength: extended.length }), shuffled => {
      assert.deepEqual(ordered(shuffled), expected);
    }),
  );
});
