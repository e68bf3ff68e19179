import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { compareVersions, parseVersion } from './version.ts';

/** Each before the next; what stands on one line is the same. As `packaging` 26.3 has them. */
const inOrder: readonly (readonly string[])[] = [
  ['0.9.dev1'],
  ['0.9', '0.9.0', 'v0.9', ' 0.9 '],
  ['1.0.dev0', '1.0dev', '1.0-dev.0'],
  ['1.0a1.dev3'],
  ['1.0a1', '1.0-Alpha.1', '1.0_a1', '1.0.0a1'],
  ['1.0a1.post2.dev1'],
  ['1.0a1.post2'],
  ['1.0b0', '1.0beta'],
  ['1.0rc1', '1.0c1', '1.0-pre1', '1.0.preview_1'],
  ['1', '1.0', '1.0.0.0'],
  ['1.0+abc'],
  ['1.0+abc.2', '1.0+ABC-2'],
  ['1.0+abc.10'],
  ['1.0+5'],
  ['1.0.post1.dev2'],
  ['1.0.post1', '1.0-1', '1.0.rev1', '1.0r1'],
  ['1.0.1'],
  ['1.10'],
  ['2.0'],
  ['20240101123456789012345678'],
  ['20240101123456789012345679'],
  ['1!0.1', '1!0.1.0'],
];

function order(a: string, b: string): number {
  const [one, other] = [parseVersion(a), parseVersion(b)];
  assert.ok(one !== undefined && other !== undefined, `${a} or ${b} is no version`);
  return Math.sign(compareVersions(one, other));
}

test('versions come in the order of the specification, however they are spelt', () => {
  for (const [at, same] of inOrder.entries()) {
    for (const a of same) for (const b of same) assert.equal(order(a, b), 0, `${a} and ${b}`);
    for (const later of inOrder.slice(at + 1).flat()) {
      const [one = ''] = same;
      assert.deepEqual([order(one, later), order(later, one)], [-1, 1], `${one} and ${later}`);
    }
  }
});

for (const text of [
  '',
  'latest',
  '1.',
  '1..0',
  '1.0-',
  '1.0+',
  '1.0+a..b',
  '1.0rc1rc2',
  '1.0.x',
  '1 0',
  `1.${'0'.repeat(300)}`,
])
  test(`'${text.slice(0, 20)}' is no version`, () => assert.equal(parseVersion(text), undefined));

test('any text is a version or none, without end or error', () => {
  const piece = fc.constantFrom('1', '0', '.', '!', 'a', 'rc', 'post', 'dev', '+', '-', '_', 'v', ' ', 'x');
  fc.assert(
    fc.property(fc.array(piece), fc.array(piece), (one, other) => {
      const [a, b] = [parseVersion(one.join('')), parseVersion(other.join(''))];
      if (a === undefined || b === undefined) return;
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) + 0);
    }),
  );
});
