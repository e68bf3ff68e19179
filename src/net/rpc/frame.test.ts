import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { CountedBudget } from './fixtures/budget.ts';
import { framed } from './frame.ts';
import { MessageReader } from './reader.ts';

test('a message that was framed is read back', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 20_000 }), { maxLength: 4 });
  fc.assert(
    fc.property(pieces, all => {
      const reader = new MessageReader(100_000, new CountedBudget());
      reader.push(Buffer.concat(framed(all)));
      assert.ok(reader.next()?.equals(Buffer.concat(all)));
      assert.equal(reader.begun, false);
    }),
  );
});

test('small pieces become one, and large ones are not copied', () => {
  assert.equal(framed([Buffer.alloc(10), Buffer.alloc(20)]).length, 1);
  const large = Buffer.alloc(100_000);
  assert.equal(framed([large])[1], large);
});
