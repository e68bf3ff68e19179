import assert from 'node:assert/strict';
import test from 'node:test';
import type { Kind } from './kind.ts';
import { Tally } from './report/tally.ts';
import { grown, unseen } from './verdicts.ts';

const kind: Kind = {
  name: 'reload',
  family: 'chaos',
  rate: 1,
  most: 1,
  mustSee: [/^loaded$/, /refused/],
  act: async () => 'loaded',
};

test('what did not come to pass is told', () => {
  const tally = new Tally();
  tally.came(tally.row('reload', 'chaos'), 'loaded', 1);
  assert.deepEqual(unseen([kind], tally), ['reload: nothing came out as /refused/']);
  assert.equal(unseen([kind], new Tally()).length, 2);
});

test('memory that grows is told, of either process', () => {
  const flat = Array.from({ length: 61 }, (_, at) => ({ at, mib: 100 }));
  const steep = flat.map(({ at }) => ({ at, mib: 100 + 9 * at }));
  assert.deepEqual(grown({ server: flat, gateway: flat }, 60), []);
  assert.match(grown({ server: steep, gateway: flat }, 60).join(), /^the memory of the server grows/);
  assert.match(grown({ server: flat, gateway: steep }, 60).join(), /^the memory of the gateway grows/);
});
