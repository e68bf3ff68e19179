import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { turnover } from './turnover.ts';

const server = (address: string, healthy = true, confirmedMs = 0) => ({ address, healthy, confirmedMs });
const [first, second, ill] = [server('10.0.0.1'), server('10.0.0.2'), server('10.0.0.3', false)];
const all = [first, second, ill];

const cases = [
  { name: 'the first addresses all come', servers: [], told: ['a', 'b'], come: ['a', 'b'], leave: [] },
  {
    name: 'who has gone from the list leaves, well or not',
    servers: all,
    told: ['10.0.0.2', 'a'],
    come: ['a'],
    leave: [first, ill],
  },
  { name: 'an empty list takes out who is not well', servers: all, told: [], come: [], leave: [ill] },
  { name: 'no answer changes nothing', servers: all, told: undefined, come: [], leave: [] },
  {
    name: 'who is not well is forgotten when nothing has been told for a minute',
    servers: all,
    told: undefined,
    now: 60_001,
    come: [],
    leave: [ill],
  },
  {
    name: 'an address that is told twice is one server',
    servers: [],
    told: ['a', 'a'],
    come: ['a'],
    leave: [],
  },
];

for (const { name, servers, told, now = 1000, come, leave } of cases)
  test(name, () => assert.deepEqual(turnover(servers, told, now), { come, leave }));

test('whatever is told, who is well stays or has gone from a list that names others', () => {
  const addresses = fc.uniqueArray(fc.integer({ min: 0, max: 20 }).map(String));
  const servers = addresses.chain(known =>
    fc.tuple(...known.map(address => fc.boolean().map(healthy => server(address, healthy)))),
  );
  fc.assert(
    fc.property(servers, fc.option(addresses, { nil: undefined }), fc.nat(), (known, told, now) => {
      const { come, leave } = turnover(known, told, now);
      for (const one of leave) assert.ok(!one.healthy || (told !== undefined && told.length > 0));
      for (const address of come) assert.ok(told?.includes(address));
      const left = known.filter(one => !leave.includes(one)).map(({ address }) => address);
      if (told !== undefined && told.length > 0)
        assert.deepEqual([...left, ...come].toSorted(), told.toSorted());
    }),
  );
});

test('no name makes the gateway follow more than a thousand servers', () => {
  const told = Array.from({ length: 1500 }, (_, at) => String(at));
  assert.equal(turnover([], told, 0).come.length, 1000);
});
