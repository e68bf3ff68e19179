import assert from 'node:assert/strict';
import test from 'node:test';
import { readPlan } from './plan.ts';

test('without flags the artifact has 4 GiB, and every server is asked for every part', () => {
  const { size, shared, only, parts, quick } = readPlan([]);
  assert.deepEqual({ size, shared, quick }, { size: 2 ** 32, shared: 500_000_000, quick: false });
  assert.deepEqual(only, ['http', 's3', 'oci', 'gs', 'az']);
  assert.deepEqual(parts, ['speed', 'resume', 'cached', 'together']);
});

test('a quick run is small, and a size that is given wins', () => {
  assert.equal(readPlan(['--quick']).rounds, 1);
  assert.equal(readPlan(['--quick', '--size', '2']).size, 2 * 1024 * 1024);
});

for (const [args, fault] of [
  [['--size', '0'], /--size must be a whole number/],
  [['--rounds', 'two'], /--rounds must be a whole number/],
  [['--only', 's3,ftp'], /--only takes http, s3, oci, gs, az, not 'ftp'/],
  [['--parts', 'all'], /--parts takes speed/],
] as const)
  test(`${args.join(' ')} is refused`, () => {
    assert.throws(() => readPlan(args), fault);
  });
