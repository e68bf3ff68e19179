import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { splitOptions } from './options.ts';

const KINDS = { endpoint: 'text', anonymous: 'flag', addressing: ['path', 'virtual'] } as const;

const read: readonly { uri: string; rest: string; options: object }[] = [
  { uri: 's3://b/k', rest: 's3://b/k', options: {} },
  { uri: 's3://b/k?', rest: 's3://b/k?', options: {} },
  { uri: 's3://b/what?.bin', rest: 's3://b/what?.bin', options: {} },
  { uri: 's3://b/k?anonymous=true', rest: 's3://b/k', options: { anonymous: true } },
  { uri: 's3://b/k?anonymous=false', rest: 's3://b/k', options: { anonymous: false } },
  { uri: 's3://b/w?.bin?addressing=path', rest: 's3://b/w?.bin', options: { addressing: 'path' } },
  {
    uri: 's3://b/k?endpoint=http://minio:9000/a%26b&addressing=virtual',
    rest: 's3://b/k',
    options: { endpoint: 'http://minio:9000/a&b', addressing: 'virtual' },
  },
];

for (const { uri, rest, options } of read)
  test(`the options of ${uri} are read`, () => {
    assert.deepEqual(splitOptions(uri, KINDS), { ok: true, value: { rest, options } });
  });

const refused: readonly { uri: string; problem: RegExp; remedy?: string }[] = [
  { uri: 's3://b/k?endpint=x', problem: /'endpint' is none of endpoint, anonymous/, remedy: '?endpoint=…' },
  { uri: 's3://b/k?color=red', problem: /'color' is none of/ },
  { uri: 's3://b/k?constructor=x', problem: /'constructor' is none of/ },
  { uri: 's3://b/k?anonymous=yes', problem: /'anonymous' has no such value/ },
  { uri: 's3://b/k?anonymous=', problem: /'anonymous' has no such value/ },
  { uri: 's3://b/k?endpoint=', problem: /'endpoint' has no such value/ },
  { uri: 's3://b/k?endpoint=%E0%A4%A', problem: /'endpoint' has no such value/ },
  { uri: 's3://b/k?addressing=both', problem: /'addressing' has no such value/ },
  { uri: 's3://b/k?anonymous=true&anonymous=true', problem: /given twice/ },
  { uri: 's3://b/k?anonymous=true&', problem: /'' is none of/ },
];

for (const { uri, problem, remedy } of refused)
  test(`the options of ${uri} are refused`, () => {
    const result = splitOptions(uri, KINDS);
    assert.ok(!result.ok);
    assert.match(result.error.problem, problem);
    assert.equal(result.error.remedy, remedy);
    assert.equal(result.error.uri, uri);
  });

test('a scheme without options knows none', () => {
  const result = splitOptions('hf://a/b?x=y', {});
  assert.match(result.ok ? '' : result.error.problem, /'x' is not known/);
});

test('any value is read back as it was written', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), endpoint => {
      const uri = `s3://b/k?endpoint=${encodeURIComponent(endpoint)}`;
      assert.deepEqual(splitOptions(uri, KINDS), {
        ok: true,
        value: { rest: 's3://b/k', options: { endpoint } },
      });
    }),
  );
});
