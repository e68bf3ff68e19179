import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type OpenCall, OpenCalls } from './open-calls.ts';

class Call implements OpenCall {
  place = -1;
  told = 0;
  readonly #calls: OpenCalls | undefined;

  /** With a list, it is over as soon as it is told. */
  constructor(calls?: OpenCalls) {
    this.#calls = calls;
  }

  leave(): void {
    this.told += 1;
    this.#calls?.part(this, false);
  }
}

test('whoever joined and has not parted is told once, also when telling ends it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 30 }), all => {
      const calls = new OpenCalls();
      const made = all.map(([ends]) => new Call(ends ? calls : undefined));
      for (const call of made) calls.join(call);
      for (const [at, [, parts]] of all.entries()) {
        const call = made[at];
        if (parts && call) calls.part(call, false);
      }
      calls.leave();
      assert.deepEqual(
        made.map(({ told }) => told),
        all.map(([, parts]) => (parts ? 0 : 1)),
      );
      assert.ok(calls.isLeaving);
    }),
  );
});

test('only calls that have asked something are in flight', () => {
  const calls = new OpenCalls();
  const [one, other] = [new Call(), new Call()];
  calls.join(one);
  calls.join(other);
  calls.begin();
  assert.equal(calls.inFlight, 1);
  calls.part(other, false);
  assert.equal(calls.inFlight, 1);
  calls.part(one, true);
  assert.equal(calls.inFlight, 0);
});
