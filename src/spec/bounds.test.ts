import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { type Result } from '#base';
import {
  largest,
  middlePriority,
  originProblem,
  readDuration,
  readExpiry,
  readLabel,
  readRate,
  readSize,
} from './bounds.ts';

const no = (error: string): Result<never, string> => ({ ok: false, error });
const yes = (value: number): Result<number, never> => ({ ok: true, value });

const durations: readonly { text: string; least?: number; read: Result<number, string> }[] = [
  { text: '500ms', read: yes(500) },
  { text: '1.001s', read: yes(1001) },
  { text: '0.001m', read: yes(60) },
  { text: '24h', read: yes(86_400_000) },
  { text: '1.5ms', read: no('must be whole milliseconds') },
  { text: '0.0001s', read: no('must be whole milliseconds') },
  { text: '25h', read: no('must be at most 24h') },
  { text: '86400001ms', read: no('must be at most 24h') },
  { text: '0s', least: 1, read: no('must be at least 1ms') },
  { text: '999ms', least: 1000, read: no('must be at least 1s') },
  { text: '5', read: no('must be a duration such as 500ms, 2s or 5m') },
  { text: '', read: no('must be a duration such as 500ms, 2s or 5m') },
];

for (const { text, least = 0, read } of durations) {
  test(`the duration '${text}' of at least ${least} ms is ${read.ok ? `${read.value} ms` : 'refused'}`, () =>
    assert.deepEqual(readDuration(text, least), read));
}

test('a duration of at most three decimals of a second is that many milliseconds', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 86_400_000 }), milliseconds => {
      assert.deepEqual(readDuration(`${(milliseconds / 1000).toFixed(3)}s`), yes(milliseconds));
    }),
  );
});

const sizes: readonly { text: string; read: Result<number, string> }[] = [
  { text: '1', read: yes(1) },
  { text: '2Gi', read: yes(2 ** 31) },
  { text: '0', read: no('must be more than 0') },
  { text: '0Mi', read: no('must be more than 0') },
  { text: '3Gi', read: no('must be at most 2Gi') },
  { text: '64MB', read: no('must be a size such as 64Mi, 1G or 4096') },
];

for (const { text, read } of sizes) {
  test(`the size '${text}' is ${read.ok ? `${read.value} bytes` : 'refused'}`, () =>
    assert.deepEqual(readSize(text), read));
}

test('a label is what a path carries as it stands', () => {
  for (const text of ['a', '1', 'v1.0-rc_2', 'A'.repeat(63)]) assert.ok(readLabel(text).ok, text);
  for (const text of ['', 'a/b', 'a b', '.', '..', '-a', 'a:b', 'ä', 'a\n', 'A'.repeat(64)])
    assert.ok(!readLabel(text).ok, text);
});

test('what many share may be larger than one body', () => {
  assert.deepEqual(readSize('3Gi', largest.memory), yes(3 * 2 ** 30));
  assert.deepEqual(readSize('1025Gi', largest.memory), no('must be at most 1024Gi'));
});

test('a request that says no priority has the middle one, the less urgent of two', () => {
  assert.deepEqual([1, 2, 3, 4, 5].map(middlePriority), [1, 2, 2, 3, 3]);
});

for (const [text, count, periodMs] of [
  ['100/s', 100, 1000],
  ['6000/m', 6000, 60_000],
  ['1/h', 1, 3_600_000],
] as const)
  test(`the rate ${text} is ${count} in ${periodMs} ms`, () =>
    assert.deepEqual(readRate(text), { ok: true, value: { count, periodMs } }));

for (const text of ['', '100', '0/s', '-1/s', '1.5/s', '1/d', '1/S', ' 1/s', '1 / s', '1234567890/s', '01/s'])
  test(`'${text}' is no rate`, () => assert.equal(readRate(text).ok, false));

for (const [text, iso] of [
  ['2027-01-31', '2027-01-31T00:00:00.000Z'],
  ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ['2027-01-31T12:00Z', '2027-01-31T12:00:00.000Z'],
  ['2027-01-31T12:00:00+02:00', '2027-01-31T10:00:00.000Z'],
  ['2027-01-31T12:00:00.5Z', '2027-01-31T12:00:00.500Z'],
] as const)
  test(`${text} is ${iso}`, () => assert.deepEqual(readExpiry(text), yes(Date.parse(iso))));

for (const text of [
  '',
  'soon',
  '2027',
  '2027-1-1',
  '2027-13-01',
  '2027-02-29',
  '2027-02-31',
  '2027-02-31T10:00:00Z',
  '2027-01-31T12:00:00',
  '2027-01-31T25:00:00Z',
  '31.1.2027',
  '2027-01-31 12:00Z',
])
  test(`'${text}' is no time that something ends`, () => assert.equal(readExpiry(text).ok, false));

test('whatever the text, it is a time or it is not', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/));
  fc.assert(
    fc.property(text, one => {
      const read = readExpiry(one);
      if (read.ok) assert.ok(Number.isSafeInteger(read.value));
    }),
  );
});
const origins: readonly (readonly [string, RegExp | undefined])[] = [
  ['*', undefined],
  ['https://app.example', undefined],
  ['http://localhost:3000', undefined],
  ['http://[::1]:3000', undefined],
  ['capacitor://localhost', undefined],
  ['https://app.example/', /^must be written as browsers do: https:\/\/app\.example$/],
  ['https://app.example:443', /browsers do: https:\/\/app\.example$/],
  ['https://App.Example', /browsers do: https:\/\/app\.example$/],
  ['https://user@app.example', /browsers do: https:\/\/app\.example$/],
  ['https://app.example/path?x#y', /browsers do: https:\/\/app\.example$/],
  ['app.example', /^must be an origin/],
  ['null', /^must be an origin/],
  ['', /^must be an origin/],
  ['https://', /^must be an origin/],
  ['file:///tmp', /^must be an origin/],
  ['https://*.example', /patterns are not known$/],
];

for (const [text, problem] of origins) {
  test(`'${text}' is ${problem === undefined ? 'an' : 'no'} origin as browsers write them`, () => {
    const found = originProblem(text);
    if (problem === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', problem);
  });
}
