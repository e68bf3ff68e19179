import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { chooseEncoding, contentCoding } from './content-coding.ts';

for (const [header, coding] of [
  [undefined, 'identity'],
  ['', 'identity'],
  ['identity', 'identity'],
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  [' x-gzip ', 'gzip'],
  ['deflate', 'deflate'],
  ['identity, gzip', 'gzip'],
  ['gzip, identity', 'gzip'],
  [', gzip,', 'gzip'],
] as const) {
  test(`a body of Content-Encoding ${JSON.stringify(header)} is ${coding}`, () =>
    assert.equal(contentCoding(header), coding));
}

for (const header of [
  'br',
  'zstd',
  'gzip, gzip',
  'gzip, deflate',
  'gzip;q=1',
  'x-deflate',
  'gzip deflate',
  'constructor',
]) {
  test(`a body of Content-Encoding '${header}' is refused`, () =>
    assert.throws(() => contentCoding(header), { code: 'encoding_unsupported' }));
}

test('a Content-Encoding of a thousand names is refused, and quoted in part', () => {
  assert.throws(
    () => contentCoding('gzip,'.repeat(1000)),
    (error: Error) => error.message.length < 200,
  );
});

for (const [header, coding] of [
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip', 'gzip'],
  ['GZip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['identity', 'identity'],
  ['br', 'identity'],
  ['*', 'gzip'],
  ['gzip, deflate, br', 'gzip'],
  ['deflate, gzip', 'gzip'],
  ['gzip;q=0', 'identity'],
  ['gzip;q=0.000', 'identity'],
  ['gzip; q=0.5, deflate', 'deflate'],
  ['gzip\t;\tQ=0.5', 'gzip'],
  ['gzip;q=0.5, identity', 'identity'],
  ['gzip;q=0.5, identity;q=0.4', 'gzip'],
  ['gzip;q=0.5, *', 'deflate'],
  ['gzip;q=0, *;q=0.1', 'deflate'],
  ['gzip;q=0, deflate;q=0, *', 'identity'],
  ['*;q=0', 'identity'],
  ['identity;q=0', 'identity'],
  ['identity;q=0, gzip;q=0', 'identity'],
  ['identity;q=0, gzip;q=0.001', 'gzip'],
  ['gzip;q=1.000', 'gzip'],
  ['gzip;q=0, gzip', 'identity'],
  [',, gzip ,', 'gzip'],
  // Malformed.
  ['gzip;q=1.001', 'identity'],
  ['gzip;q=0.0001', 'identity'],
  ['gzip;q=-1', 'identity'],
  ['gzip;q=', 'identity'],
  ['gzip;q', 'identity'],
  ['gzip;level=1', 'identity'],
  ['gzip deflate', 'identity'],
  ['gzip;;q=1', 'identity'],
  ['"gzip"', 'identity'],
  ['gzip, ;q=1', 'identity'],
] as const) {
  test(`Accept-Encoding ${JSON.stringify(header)} is answered with ${coding}`, () =>
    assert.equal(chooseEncoding(header), coding));
}

test('a coding with q=0 is never chosen, whatever stands around it', () => {
  const other = fc.constantFrom('br', 'identity', 'deflate;q=0.3', '*;q=0.9', '');
  fc.assert(
    fc.property(fc.array(other), fc.array(other), (before, after) => {
      assert.notEqual(chooseEncoding([...before, 'gzip;q=0', ...after].join()), 'gzip');
    }),
  );
});

test('no header makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), header => ['gzip', 'deflate', 'identity'].includes(chooseEncoding(header))),
  );
});
