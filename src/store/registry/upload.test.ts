import assert from 'node:assert/strict';
import test from 'node:test';
import { CHUNK, endOf, leastChunk, reachedOf, smallerChunk } from './upload.ts';

const ranges: readonly (readonly [string | undefined, number | undefined])[] = [
  ['0-99', 100],
  ['bytes=0-99', 100],
  ['bytes 0-99/*', 100],
  ['0-0', 0],
  ['5-9', undefined],
  ['0--1', undefined],
  ['', undefined],
  [undefined, undefined],
];

for (const [range, reached] of ranges)
  test(`the range ${range} says that ${reached ?? 'nobody knows how many'} bytes are there`, () =>
    assert.equal(reachedOf(range), reached));

const ends: readonly (readonly [string, string])[] = [
  ['https://r.io/u/1', 'https://r.io/u/1?digest=sha256%3Aab'],
  ['https://r.io/u/1?_state=a%2Fb+c==', 'https://r.io/u/1?_state=a%2Fb+c==&digest=sha256%3Aab'],
];

for (const [upload, end] of ends)
  test(`an upload at ${upload} is ended at ${end}`, () =>
    assert.equal(endOf(new URL(upload), 'sha256:ab').href, end));

test('chunks become smaller down to what every proxy takes', () => {
  const sizes: number[] = [];
  for (let size: number | undefined = CHUNK; size !== undefined; size = smallerChunk(size)) sizes.push(size);
  assert.deepEqual(sizes, [2 ** 24, 2 ** 22, 2 ** 20, 2 ** 19]);
});

test('the least chunk that a registry wants is a number of bytes, or none', () => {
  assert.deepEqual(['5242880', '-1', 'x', undefined, ['1', '2']].map(leastChunk), [5_242_880, 0, 0, 0, 0]);
});
