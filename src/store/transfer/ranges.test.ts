import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import type { ByteRange } from '../source.ts';
import { cut, Frontier, missingOf, requestBytes } from './ranges.ts';

/** Ranges of a file that do not overlap, in any order. */
const ranges = (size: number): fc.Arbitrary<ByteRange[]> =>
  fc
    .uniqueArray(fc.nat(size), { maxLength: 20 })
    .map(cuts => cuts.toSorted((a, b) => a - b))
    .map(cuts => cuts.slice(1).map((end, at) => ({ start: cuts[at] ?? 0, end })))
    .chain(all => fc.shuffledSubarray(all));

const files = fc.nat(500).chain(size => fc.record({ size: fc.constant(size), there: ranges(size) }));

test('what is missing and what is there make up the file, each byte once', () => {
  fc.assert(
    fc.property(files, fc.integer({ min: 1, max: 100 }), ({ size, there }, most) => {
      const missing = cut(missingOf(size, there), most);
      const bytes = [...there, ...missing].flatMap(({ start, end }) =>
        Array.from({ length: end - start }, (_, at) => start + at),
      );
      assert.deepEqual(
        bytes.toSorted((a, b) => a - b),
        Array.from({ length: size }, (_, at) => at),
      );
      assert.ok(missing.every(({ start, end }) => end > start && end - start <= most));
    }),
  );
});

test('the frontier is the first byte that is missing', () => {
  fc.assert(
    fc.property(files, ({ size, there }) => {
      const frontier = new Frontier();
      for (const range of there) frontier.add(range);
      assert.equal(frontier.reached, missingOf(size, there)[0]?.start ?? size);
    }),
  );
});

test('a request is of whole megabytes, at least one and at most 16', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 64 }), (total, connections) => {
      const bytes = requestBytes(total, connections);
      assert.equal(bytes % 2 ** 20, 0);
      assert.ok(bytes >= 2 ** 20 && bytes <= 16 * 2 ** 20);
    }),
  );
  assert.equal(requestBytes(4 * 2 ** 30, 8), 16 * 2 ** 20);
});
