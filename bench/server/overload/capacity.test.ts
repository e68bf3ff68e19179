import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityOf } from './capacity.ts';

const cases = [
  { name: 'a server that gains from more at once', of: (clients: number) => clients * 10, clients: 128 },
  { name: 'one that is slower with more', of: (clients: number) => 40 / clients, clients: 1 },
  { name: 'one that is too late for many', of: (clients: number) => (clients <= 3 ? 40 : 0), clients: 1 },
  {
    name: 'a dip by chance',
    of: (clients: number) => (clients === 4 ? 1 : Math.min(clients, 32)),
    clients: 32,
  },
];

for (const { name, of, clients } of cases) {
  test(`the capacity is the best: ${name}`, async () => {
    assert.deepEqual(await capacityOf(async count => of(count)), { clients, goodput: of(clients) });
  });
}

test('twice in a row much worse is enough', async () => {
  const asked: number[] = [];
  await capacityOf(async clients => {
    asked.push(clients);
    return clients === 1 ? 100 : 89;
  });
  assert.deepEqual(asked, [1, 2, 3]);
});

test('a server that is never in time has no capacity', async () => {
  await assert.rejects(
    capacityOf(async () => 0),
    RangeError,
  );
});
