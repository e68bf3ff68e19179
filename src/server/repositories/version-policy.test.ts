import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Choice, chooseVersions, policyText, type VersionPolicy } from './version-policy.ts';

const cases: readonly { policy: VersionPolicy; there: string[]; gives: Partial<Choice>; text: string }[] = [
  { policy: {}, there: ['2', '10', '1'], gives: { serve: ['10'], leave: ['1', '2'] }, text: 'the latest' },
  {
    policy: { latest: 2 },
    there: ['2', '10', '1'],
    gives: { serve: ['2', '10'], leave: ['1'] },
    text: 'the latest 2',
  },
  { policy: { latest: 9 }, there: ['2', '1'], gives: { serve: ['1', '2'] }, text: 'the latest 9' },
  { policy: { all: {} }, there: ['2', '10'], gives: { serve: ['2', '10'] }, text: 'all' },
  {
    policy: { specific: ['7', '2'] },
    there: ['2', '10'],
    gives: { serve: ['2'], leave: ['10'], missing: ['7'] },
    text: 'just 7, 2',
  },
  { policy: { latest: 1 }, there: [], gives: {}, text: 'the latest' },
];

for (const { policy, there, gives, text } of cases)
  test(`of ${there.join(', ') || 'nothing'}, ${text} comes to ${gives.serve?.join(', ') ?? 'nothing'}`, () => {
    assert.deepEqual(chooseVersions(policy, there), { serve: [], leave: [], missing: [], ...gives });
    assert.equal(policyText(policy), text);
  });

test('every version there is, is either served or left, and none twice', () => {
  const versions = fc.uniqueArray(fc.bigInt(0n, 9_999_999_999_999_999_999n).map(String), { maxLength: 8 });
  const policies = fc.oneof(
    fc.record({ latest: fc.nat(9) }),
    fc.constant({ all: {} }),
    versions.map(specific => ({ specific })),
  );
  fc.assert(
    fc.property(versions, policies, (there, policy: VersionPolicy) => {
      const { serve, leave, missing } = chooseVersions(policy, there);
      const sorted = there.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
      assert.deepEqual(new Set([...serve, ...leave]), new Set(there));
      assert.equal(serve.length + leave.length, there.length);
      assert.ok(missing.every(version => !there.includes(version)));
      if (policy.latest !== undefined)
        assert.deepEqual(serve, sorted.slice(Math.max(0, there.length - policy.latest)));
    }),
  );
});
