import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type Member, Roster } from './roster.ts';

test('those that joined and have not left are members, whatever the order', () => {
  const moves = fc.array(fc.record({ who: fc.nat(9), joins: fc.boolean() }), { maxLength: 100 });
  fc.assert(
    fc.property(moves, sequence => {
      const people: Member[] = Array.from({ length: 10 }, () => ({ place: -1 }));
      const roster = new Roster<Member>();
      const expected = new Set<Member>();
      for (const { who, joins } of sequence) {
        const person = people[who];
        if (person === undefined) continue;
        if (joins && !expected.has(person)) roster.join(person);
        if (!joins) roster.leave(person);
        if (joins) expected.add(person);
        else expected.delete(person);
        assert.deepEqual(new Set(roster.all()), expected);
        assert.equal(roster.all().length, expected.size);
      }
    }),
  );
});
