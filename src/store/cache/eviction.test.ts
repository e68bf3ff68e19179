import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { bytesOf, nextToGo, type Resident } from './eviction.ts';

const file = fc.nat(9).map(number => ({ sha256: String(number), size: number * 100 }));
const residents: fc.Arbitrary<Resident[]> = fc
  .array(fc.record({ usedAt: fc.nat(100), files: fc.array(file, { maxLength: 4 }) }), { maxLength: 8 })
  .map(all => all.map((one, at) => ({ ...one, id: String(at) })));

/** Everything that would go, where what stays is not to be had. */
function gone(all: readonly Resident[], most: number, stay: ReadonlySet<string>): Resident[] {
  const went: Resident[] = [];
  let left = all;
  for (let next = nextToGo(left, most, stay); next !== undefined; next = nextToGo(left, most, stay)) {
    const { id } = next;
    went.push(next);
    left = left.filter(one => one.id !== id);
  }
  return went;
}

test('until there is room the least lately used go, one by one, and nothing that must stay', () => {
  fc.assert(
    fc.property(residents, fc.nat(2000), fc.uniqueArray(fc.nat(7).map(String)), (all, most, kept) => {
      const stay = new Set(kept);
      const went = gone(all, most, stay);
      const left = all.filter(one => !went.includes(one));
      const may = left.filter(({ id }) => !stay.has(id));
      assert.ok(went.every(({ id }) => !stay.has(id)));
      assert.ok(bytesOf(left) <= most || may.length === 0, 'there was more that could go');
      assert.ok(
        went.every(one => may.every(other => other.usedAt >= one.usedAt)),
        'one used before it stays',
      );
      const last = went.at(-1);
      if (last !== undefined) assert.ok(bytesOf([...left, last]) > most, 'the last one need not have gone');
    }),
  );
});

test('what several have counts once', () => {
  const shared = { sha256: 'a', size: 100 };
  const all = [
    { id: '1', usedAt: 1, files: [shared, { sha256: 'b', size: 1 }] },
    { id: '2', usedAt: 2, files: [shared] },
  ];
  assert.equal(bytesOf(all), 101);
});
