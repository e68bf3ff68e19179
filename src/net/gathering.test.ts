import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Gathering } from './gathering.ts';
import { CountedBudget } from './rpc/fixtures/budget.ts';

const pieces = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 300 }).map(bytes => Buffer.from(bytes)),
  {
    maxLength: 60,
  },
);

test('whatever the pieces, they come out whole, aligned, and held byte for byte', () => {
  const announced = fc.boolean();
  const align = fc.nat(40);
  fc.assert(
    fc.property(pieces, announced, align, (parts, isAnnounced, at) => {
      const whole = Buffer.concat(parts);
      const budget = new CountedBudget();
      const expected = isAnnounced ? whole.length : undefined;
      const gathering = new Gathering({ limit: 100_000, budget, expected, align: at });
      for (const part of parts) gathering.add(part);
      const found = gathering.finish();
      assert.deepEqual(found, whole);
      assert.equal(budget.held, found.length);
      if (parts.length > 1) assert.equal((found.byteOffset + at) % 16, 0);
    }),
  );
});

test('whatever the pieces, giving up in the middle holds nothing', () => {
  fc.assert(
    fc.property(pieces, fc.nat(10_000), (parts, limit) => {
      const budget = new CountedBudget(5000);
      const gathering = new Gathering({ limit, budget });
      try {
        for (const part of parts) gathering.add(part);
      } catch (error: unknown) {
        assert.match((error as { code: string }).code, /^(?:body_too_large|overloaded)$/);
      }
      gathering.abandon();
      assert.equal(budget.held, 0);
    }),
  );
});

test('a single piece is not copied', () => {
  const piece = Buffer.from('one');
  const gathering = new Gathering({ limit: 3, budget: new CountedBudget() });
  gathering.add(piece);
  assert.equal(gathering.finish(), piece);
});

test('nothing at all is an empty body', () => {
  assert.equal(new Gathering({ limit: 3, budget: new CountedBudget() }).finish().length, 0);
});

test('a piece of nothing is nothing, also behind a single byte', () => {
  const budget = new CountedBudget();
  const gathering = new Gathering({ limit: 9, budget, expected: 9 });
  for (const text of ['', 'o', '', 'ne', '']) gathering.add(Buffer.from(text));
  assert.equal(String(gathering.finish()), 'one');
  assert.equal(budget.held, 3);
});

test('as much as the limit is taken, and a byte more is refused', () => {
  const gathering = new Gathering({ limit: 3, budget: new CountedBudget() });
  gathering.add(Buffer.from('one'));
  assert.throws(() => gathering.add(Buffer.from('!')), { code: 'body_too_large' });
});

test('an announcement alone takes no memory, and what arrives at most half as much again', () => {
  const chunk = Buffer.alloc(64 * 1024);
  const expected = 64 * 1024 * 1024;
  const budget = new CountedBudget(expected);
  const gathering = new Gathering({ limit: expected, budget, expected });
  const external = (): number => process.memoryUsage().arrayBuffers;
  const before = external();
  gathering.add(chunk);
  gathering.add(chunk);
  assert(external() - before < 1024 * 1024, `${external() - before} bytes for 128 KiB`);
  for (let count = 2; count < 1024; count++) gathering.add(chunk);
  assert.equal(gathering.finish().length, expected);
  assert.equal(budget.held, expected);
  assert.equal(budget.peak, expected, 'a body as large as all that may be held is not refused half way');
});

for (const owned of [true, false])
  test(`what was copied out of is ${owned ? 'free at once' : 'left to whoever owns it'}`, () => {
    const expected = 8 * 1024 * 1024;
    const gathering = new Gathering({ limit: expected, budget: new CountedBudget(), expected, owned });
    const parts = Array.from({ length: 128 }, () => Buffer.alloc(65_536));
    for (const part of parts) gathering.add(part);
    assert.equal(gathering.finish().length, expected);
    assert(parts.every(piece => piece.length === (owned ? 0 : 65_536)));
  });

test('no byte is copied more than twice', t => {
  let copied = 0;
  const copy = Buffer.prototype.copy;
  t.mock.method(Buffer.prototype, 'copy', function (this: Buffer, ...args: Parameters<Buffer['copy']>) {
    const count = copy.apply(this, args);
    copied += count;
    assert(count <= 2 * 65_536, `${count} bytes in one step`);
    return count;
  });
  const expected = 16 * 1024 * 1024;
  const gathering = new Gathering({ limit: expected, budget: new CountedBudget(), expected });
  for (let count = 0; count < 256; count++) gathering.add(Buffer.alloc(65_536));
  gathering.finish();
  assert(copied < 1.5 * expected, `${copied} bytes for ${expected}`);
});
