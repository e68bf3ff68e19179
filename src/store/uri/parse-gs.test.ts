import assert from 'node:assert/strict';
import test from 'node:test';
import { parseReference } from './parse.ts';

const read: readonly (readonly [string, object])[] = [
  ['gs://bucket', { bucket: 'bucket', key: '', options: {} }],
  ['gs://bucket/', { bucket: 'bucket', key: '', options: {} }],
  ['GS://my.bucket_1/a/b', { bucket: 'my.bucket_1', key: 'a/b', options: {} }],
  ['gs://bucket/a b/100%/mödel#1.onnx/', { bucket: 'bucket', key: 'a b/100%/mödel#1.onnx', options: {} }],
  ['gs://bucket/what?.bin', { bucket: 'bucket', key: 'what?.bin', options: {} }],
  [
    'gs://bucket/m?endpoint=http://localhost:4443&anonymous=true',
    { bucket: 'bucket', key: 'm', options: { endpoint: 'http://localhost:4443', anonymous: true } },
  ],
];

for (const [uri, rest] of read)
  test(`${uri} is read`, () => {
    assert.deepEqual(parseReference(uri), { ok: true, value: { scheme: 'gs', ...rest } });
  });

const refused: readonly { uri: string; problem: RegExp; remedy?: string }[] = [
  { uri: 'gs://', problem: /no bucket/, remedy: 'gs://bucket/folder' },
  { uri: 'gs:bucket/m', problem: /no bucket/, remedy: 'gs://bucket/folder' },
  { uri: 'gs:///m', problem: /no bucket/, remedy: 'gs://bucket/folder' },
  { uri: 'gs://Bucket/m', problem: /no bucket/, remedy: 'gs://bucket/folder' },
  { uri: 'gs://b/m', problem: /no bucket/, remedy: 'gs://bucket/folder' },
  { uri: 'gs://bucket/m?endpint=x', problem: /'endpint' is none of/, remedy: '?endpoint=…' },
  { uri: 'gs://bucket/m?endpoint=host', problem: /no address/, remedy: '?endpoint=https://host:port' },
  {
    uri: 'gs://bucket/m?endpoint=http://me:secret@host',
    problem: /no address/,
    remedy: '?endpoint=https://host:port',
  },
];

for (const { uri, problem, remedy } of refused)
  test(`${uri} is refused`, () => {
    const result = parseReference(uri);
    assert.ok(!result.ok);
    assert.match(result.error.problem, problem);
    assert.equal(result.error.remedy, remedy);
  });
