import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { type Kept, namesToEvict } from './cache-eviction.ts';

const kept = fc.uniqueArray(
  fc.record({ name: fc.string({ maxLength: 3 }), size: fc.nat(100), usedAt: fc.nat(100) }),
  { selector: ({ name }) => name },
);
const sum = (all: readonly Kept[]): number => all.reduce((bytes, { size }) => bytes + size, 0);

test('what is left is within the bound, or is all in use; and nothing goes that need not', () => {
  fc.assert(
    fc.property(kept, fc.nat(2000), fc.func(fc.boolean()), (all, most, isUsed) => {
      const inUse = new Set(all.map(({ name }) => name).filter(name => isUsed(name)));
      const gone = namesToEvict(all, most, inUse);
      const left = all.filter(({ name }) => !gone.includes(name));
      assert.ok(gone.every(name => !inUse.has(name)));
      assert.ok(sum(left) <= most || left.every(({ name }) => inUse.has(name)));
      const last = all.find(({ name }) => name === gone.at(-1));
      if (last !== undefined) assert.ok(sum(left) + last.size > most);
    }),
  );
});

test('what was used least lately goes first', () => {
  const all = [5, 1, 3].map(usedAt => ({ name: `used at ${usedAt}`, size: 10, usedAt }));
  assert.deepEqual(namesToEvict(all, 10, new Set()), ['used at 1', 'used at 3']);
  assert.deepEqual(namesToEvict(all, 20, new Set(['used at 1'])), ['used at 3']);
  assert.deepEqual(namesToEvict(all, 30, new Set()), []);
});
