import assert from 'node:assert/strict';
import test from 'node:test';
import { coresQuantity, mebibytes, sizeQuantity } from './quantity.ts';

/** As `resource.Quantity` of Kubernetes writes them. */
const sizes: readonly (readonly [string, string])[] = [
  ['1Gi', '1Gi'],
  ['1024Mi', '1Gi'],
  ['1536Mi', '1536Mi'],
  ['1024Gi', '1Ti'],
  ['2048Ki', '2Mi'],
  ['4096', '4096'],
  ['1000', '1k'],
  ['1500k', '1500k'],
  ['3000M', '3G'],
];

for (const [written, canonical] of sizes)
  test(`a size of ${written} is ${canonical}`, () => {
    assert.equal(sizeQuantity(written), canonical);
  });

for (const [written, canonical] of [
  ['0.5', '500m'],
  ['2', '2'],
  ['2000m', '2'],
  ['1.25', '1250m'],
] as const)
  test(`${written} cores are ${canonical}`, () => {
    assert.equal(coresQuantity(written), canonical);
  });

test('bytes that are no whole MiB are rounded up, so that what they were reckoned from fits', () => {
  assert.equal(mebibytes(2 ** 20 + 1), '2Mi');
  assert.equal(mebibytes(11 * 2 ** 30), '11Gi');
});
