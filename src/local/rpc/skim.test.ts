import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { skim } from './skim.ts';

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
}

const field = (number: number, wire: number, rest: Uint8Array): Buffer =>
  Buffer.concat([varint(BigInt(number * 8 + wire)), rest]);

const delimited = (number: number, bytes: Uint8Array): Buffer =>
  field(number, 2, Buffer.concat([varint(BigInt(bytes.length)), bytes]));

const bytes = fc.uint8Array({ maxLength: 300 }).map(of => Buffer.from(of));

/** Fields that are not looked at. */
const other = fc.oneof(
  fc.tuple(fc.integer({ min: 3, max: 2 ** 28 }), bytes).map(([number, of]) => delimited(number, of)),
  fc
    .tuple(fc.integer({ min: 2, max: 100 }), fc.bigInt(0n, 2n ** 64n - 1n))
    .map(([n, v]) => field(n, 0, varint(v))),
  fc.integer({ min: 1, max: 100 }).map(number => field(number, 1, Buffer.alloc(8))),
  fc.integer({ min: 1, max: 100 }).map(number => field(number, 5, Buffer.alloc(4))),
);

test('the last of each of the first two fields is found, among whatever others', () => {
  const parts = fc.tuple(fc.array(other), bytes, fc.array(other), bytes, fc.array(other), bytes);
  fc.assert(
    fc.property(parts, ([before, old, between, first, after, second]) => {
      const message = [
        ...before,
        delimited(1, old),
        ...between,
        delimited(2, second),
        delimited(1, first),
        ...after,
      ];
      const found = skim(Buffer.concat(message));
      assert.ok(found.first?.equals(first));
      assert.ok(found.second?.equals(second));
      assert.equal(found.integer, undefined);
    }),
  );
});

test('an integer is found with all of its 64 bits', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), value => {
      assert.equal(skim(field(1, 0, varint(value))).integer, value);
    }),
  );
});

test('whatever bytes come, there is an end and no fault', () => {
  fc.assert(
    fc.property(bytes, message => {
      const { first, second } = skim(message);
      for (const found of [first, second]) if (found !== undefined) assert.ok(found.length <= message.length);
    }),
  );
});

for (const [name, message] of [
  ['nothing', Buffer.alloc(0)],
  ['a length past the end', Buffer.from([0x0a, 5, 1, 2])],
  ['a length of five bytes and more', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 1])],
  ['a tag that is cut', Buffer.from([0x8a])],
  ['a group', Buffer.from([0x0b, 0x0a, 1, 1])],
  ['an integer that never ends', Buffer.alloc(20, 0xff).fill(0x08, 0, 1)],
] as const) {
  test(`nothing is found in ${name}`, () => {
    const { first, second, integer } = skim(message);
    assert.deepEqual([first, second, integer], [undefined, undefined, undefined]);
  });
}

test('what comes after a thousand fields is not looked at', () => {
  const many = (count: number): Buffer =>
    Buffer.concat([
      ...Array.from({ length: count }, () => field(9, 5, Buffer.alloc(4))),
      delimited(1, Buffer.from('x')),
    ]);
  assert.equal(String(skim(many(999)).first), 'x');
  assert.equal(skim(many(1000)).first, undefined);
});
