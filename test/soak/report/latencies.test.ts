import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { Latencies } from './latencies.ts';

test('nothing took no time', () => {
  const none = new Latencies();
  assert.deepEqual([none.count, none.quantile(0.5), none.most], [0, 0, 0]);
});

test('a quantile is that of the sorted times, or up to a tenth more', () => {
  const times = fc.array(fc.double({ min: 0.05, max: 60_000, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(times, fc.double({ min: 0.001, max: 1, noNaN: true }), (all, share) => {
      const latencies = new Latencies();
      for (const ms of all) latencies.add(ms);
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length) - 1] ?? 0;
      const got = latencies.quantile(share);
      assert.ok(got >= exact * 0.999 && got <= exact * 1.101, `${got} for ${exact}`);
    }),
  );
});
