import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { releaseOf } from '../fixtures/release.ts';
import { type Rule, rulesOf } from './rules.ts';

const other = { model: { uri: './models/other' } };
const match = [{ header: { name: 'x-trial', value: 'yes' } }, { cookie: { name: 'ab', value: 'b' } }];
const istio = { istio: {} };

function rules(candidate: object | undefined, traffic: object = istio): Rule[] {
  return rulesOf(releaseOf({ traffic, ...(candidate && { candidate: { ...other, ...candidate } }) }), 'http');
}

function worded({ name, shares, mirror, assigns }: Rule): string {
  const to = shares.map(({ arm, weight }) => `${arm.role} ${weight}`).join(', ');
  return `${name}: ${to}${mirror ? `, copies ${mirror.percent}` : ''}${assigns ? ', assigns' : ''}`;
}

const cases: readonly (readonly [what: string, rules: Rule[], worded: string[]])[] = [
  ['one revision', rules(undefined), ['http-weights: stable 100']],
  ['weights, 0 among them', rules({ weight: 0 }), ['http-weights: stable 100, candidate 0']],
  [
    'A/B before weights',
    rules({ weight: 10, match }),
    ['http-match: candidate 100', 'http-weights: stable 90, candidate 10'],
  ],
  [
    'users of both revisions kept, and new ones assigned',
    rules({ weight: 10, match }, { ...istio, sticky: {} }),
    [
      'http-match: candidate 100',
      'http-kept-stable: stable 100',
      'http-kept-candidate: candidate 100',
      'http-weights: stable 90, candidate 10, assigns',
    ],
  ],
  [
    'nobody kept where there is no choice',
    rules({ weight: 0 }, { ...istio, sticky: {} }),
    ['http-weights: stable 100, candidate 0'],
  ],
  [
    'nobody kept by what was given up',
    rules({ weight: 100 }, { ...istio, sticky: {} }),
    ['http-weights: stable 0, candidate 100'],
  ],
  [
    'copies of what is stable, and of that alone',
    rules({ weight: 0, mirror: 30, match }),
    ['http-match: candidate 100', 'http-weights: stable 100, candidate 0, copies 30'],
  ],
];

for (const [what, found, expected] of cases)
  test(`rules are in order: ${what}`, () => assert.deepEqual(found.map(worded), expected));

test('calls have no cookies, and so no users', () => {
  const release = releaseOf({ traffic: { ...istio, sticky: {} }, candidate: { ...other, weight: 10 } });
  assert.deepEqual(rulesOf(release, 'grpc').map(worded), ['grpc-weights: stable 90, candidate 10']);
});

test('the shares of every rule add up to 100, and the last rule fits every request', () => {
  const weight = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(weight, fc.boolean(), fc.boolean(), (percent, isMatched, isSticky) => {
      const found = rules(
        { weight: percent, ...(isMatched && { match }) },
        { ...istio, ...(isSticky && { sticky: {} }) },
      );
      for (const { shares } of found)
        assert.equal(
          shares.reduce((sum, share) => sum + share.weight, 0),
          100,
        );
      assert.deepEqual(found.at(-1)?.conditions, []);
      assert.ok(found.slice(0, -1).every(({ conditions }) => conditions.length > 0));
    }),
    { numRuns: 30 },
  );
});
