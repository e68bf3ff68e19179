/** fairlead against every case. */
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { type Own, startOwn } from './own.ts';
import { cases, runCase } from './runner.ts';

let own: Own;
before(async () => {
  own = await startOwn();
});
after(() => own.close());

test('the table is whole: every number from 1 to 144, once', () => {
  assert.deepEqual(
    cases.map(({ id }) => id),
    Array.from({ length: 144 }, (_, index) => index + 1),
  );
});

for (const one of cases) {
  test(`case ${one.id}: ${one.title}`, async t => {
    const { result, reason: why } = await runCase(one, own.peer);
    await own.afterCase();
    if (result === 'skip') return t.skip(why);
    if (why !== '') t.diagnostic(why);
    assert.notEqual(result, 'fail', why);
  });
}
