import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Lines } from './lines.ts';

test('lines are the same however the bytes arrive', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 7 }), (text, size) => {
      const bytes = Buffer.from(text.replaceAll('\r', ''));
      const reader = new Lines();
      const found: string[] = [];
      for (let at = 0; at < bytes.length; at += size)
        found.push(...reader.push(bytes.subarray(at, at + size)));
      found.push(...reader.end());
      const expected = bytes.toString().split('\n');
      if (expected.at(-1) === '') expected.pop();
      assert.deepEqual(found, expected);
    }),
  );
});

test('a line without an end is cut before it fills memory', () => {
  const reader = new Lines();
  const found = reader.push(Buffer.alloc(200_000, 'x'));
  assert.deepEqual(
    found.map(line => line.length),
    [65_536, 65_536, 65_536],
  );
  assert.equal(reader.end()[0]?.length, 200_000 - 3 * 65_536);
});
