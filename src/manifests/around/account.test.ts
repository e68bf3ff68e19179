import assert from 'node:assert/strict';
import test from 'node:test';
import { releaseOf } from '../fixtures/release.ts';
import { accountOf } from './account.ts';

test('pods have an identity of their own, without a token of the API server', () => {
  const [account] = accountOf(releaseOf({}));
  assert.equal(account?.metadata.name, 'digits');
  assert.equal(account?.['automountServiceAccountToken'], false);
  assert.ok(!('annotations' in account.metadata));
});

test('an identity at a cloud is an annotation', () => {
  const annotations = { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/digits' };
  const [account] = accountOf(releaseOf({ kubernetes: { serviceAccount: { annotations } } }));
  assert.deepEqual(account?.metadata.annotations, annotations);
});

test('an account that is there is left alone', () =>
  assert.deepEqual(accountOf(releaseOf({ kubernetes: { serviceAccount: { name: 'shared' } } })), []));
