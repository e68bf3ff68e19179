import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Claim, Slots } from './slots.ts';

/** A model that always has work, each piece of which takes `ms`. */
class Busy {
  readonly claim: Claim;
  readonly ms: number;
  holds = 0;
  had = 0;

  constructor(slots: Slots, share: number, ms: number) {
    this.ms = ms;
    this.claim = new Claim(slots, share, () => void this.holds++);
  }

  begin(): void {
    if (this.claim.take()) this.holds++;
  }

  /** One piece of its work is done. */
  work(): void {
    this.had += this.ms;
    this.holds--;
    this.claim.used(this.ms);
    this.begin();
    this.claim.give();
  }
}

/** Lets whoever has a slot work, one at a time, so often. */
function run(models: readonly Busy[], times: number): void {
  for (const model of models) model.begin();
  for (let time = 0; time < times; time++) models.find(({ holds }) => holds > 0)?.work();
}

test('models that always have work use a core in proportion to their shares, whatever their runs take', () => {
  const share = fc.integer({ min: 1, max: 5 });
  const ms = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(fc.array(fc.tuple(share, ms), { minLength: 2, maxLength: 4 }), wanted => {
      const slots = new Slots(1);
      const models = wanted.map(([of, each]) => new Busy(slots, of, each));
      run(models, 3000);
      const rates = models.map(({ had }, index) => had / (wanted[index]?.[0] ?? 1));
      // They may differ by about one run of each.
      const slack = 2 * Math.max(...wanted.map(([of, each]) => each / of));
      assert(Math.max(...rates) - Math.min(...rates) <= slack, `${rates.join(' ')} within ${slack}`);
    }),
  );
});

test('who was idle gets its share from then on, and nothing for the time before', () => {
  const slots = new Slots(1);
  const [first, second] = [new Busy(slots, 1, 10), new Busy(slots, 1, 10)];
  run([first], 1000);
  second.begin();
  const before = first.had;
  for (let time = 0; time < 100; time++) [first, second].find(({ holds }) => holds > 0)?.work();
  assert(Math.abs(second.had - (first.had - before)) <= 20);
});

test('a slot that is free is given at once, and one that is not to whoever waits for it', () => {
  const slots = new Slots(1);
  const told: string[] = [];
  const [a, b] = ['a', 'b'].map(name => new Claim(slots, 1, () => void told.push(name)));
  assert.equal(a?.take(), true);
  assert.equal(b?.take(), false);
  assert.deepEqual(told, []);
  a?.give();
  assert.deepEqual(told, ['b']);
  b?.give();
  assert.equal(a?.take(), true);
});
