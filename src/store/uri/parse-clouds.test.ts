import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parseReference } from './parse.ts';

const s3 = { scheme: 's3', bucket: 'models', key: '', options: {} };
const az = { scheme: 'az', container: 'models', key: '', options: {} };
const blob = { ...az, endpoint: 'https://acct.blob.core.windows.net', account: 'acct' };

const read: readonly { uri: string; reference: object }[] = [
  { uri: 's3://models', reference: s3 },
  { uri: 's3://models/', reference: s3 },
  { uri: 's3://models/m', reference: { ...s3, key: 'm' } },
  { uri: 'S3://models/m/', reference: { ...s3, key: 'm' } },
  {
    uri: 's3://My_Old.Bucket/a b/c%20d.onnx',
    reference: { ...s3, bucket: 'My_Old.Bucket', key: 'a b/c%20d.onnx' },
  },
  { uri: 's3://models/really?', reference: { ...s3, key: 'really?' } },
  { uri: 's3://models//a//b', reference: { ...s3, key: 'a//b' } },
  {
    uri: 's3://models/m?endpoint=http://minio:9000&region=eu-west-1&profile=team&addressing=path&anonymous=true',
    reference: {
      ...s3,
      key: 'm',
      options: {
        endpoint: 'http://minio:9000',
        region: 'eu-west-1',
        profile: 'team',
        addressing: 'path',
        anonymous: true,
      },
    },
  },
  {
    uri: 's3://models/m?endpoint=https%3A%2F%2F[::1]:9000',
    reference: { ...s3, key: 'm', options: { endpoint: 'https://[::1]:9000' } },
  },
  { uri: 'az://models', reference: az },
  { uri: 'az://models/a b/m%20.onnx', reference: { ...az, key: 'a b/m%20.onnx' } },
  { uri: 'az://models@acct/m/', reference: { ...az, account: 'acct', key: 'm' } },
  { uri: 'az://models/m?anonymous=true', reference: { ...az, key: 'm', options: { anonymous: true } } },
  {
    uri: 'az://models@acct/m?sv=1&sig=a%2Bb',
    reference: { ...az, account: 'acct', key: 'm', sas: 'sv=1&sig=a%2Bb' },
  },
  { uri: 'az://$root/m', reference: { ...az, container: '$root', key: 'm' } },
  { uri: 'https://acct.blob.core.windows.net/models', reference: blob },
  {
    uri: 'https://acct.blob.core.windows.net/models/a%20b/m.onnx',
    reference: { ...blob, key: 'a b/m.onnx' },
  },
  {
    uri: 'https://acct.blob.core.windows.net/models/m?sv=1&sig=x%3D',
    reference: { ...blob, key: 'm', sas: 'sv=1&sig=x%3D' },
  },
  {
    uri: 'https://acct.blob.core.windows.net/models/m?anonymous=true',
    reference: { ...blob, key: 'm', options: { anonymous: true } },
  },
  ...['blob.core.usgovcloudapi.net', 'blob.core.chinacloudapi.cn', 'z13.blob.storage.azure.net'].map(
    host => ({
      uri: `https://acct.${host}/models/m`,
      reference: { ...blob, endpoint: `https://acct.${host}`, key: 'm' },
    }),
  ),
  { uri: 'pvc://claim', reference: { scheme: 'pvc', claim: 'claim', path: '' } },
  {
    uri: 'pvc://team.claim-1/models/digits/',
    reference: { scheme: 'pvc', claim: 'team.claim-1', path: 'models/digits' },
  },
  { uri: 'pvc://claim/50%/..m', reference: { scheme: 'pvc', claim: 'claim', path: '50%/..m' } },
];

for (const { uri, reference } of read)
  test(`${uri} is read`, () => {
    assert.deepEqual(parseReference(uri), { ok: true, value: reference });
  });

const refused: readonly { uri: string; problem: RegExp; remedy?: string }[] = [
  { uri: 's3:models/m', problem: /a bucket must stand behind/, remedy: 's3://models/m' },
  { uri: 's3:/models/m', problem: /a bucket must stand behind/, remedy: 's3://models/m' },
  { uri: 's3:///models/m', problem: /a bucket must stand behind/, remedy: 's3://models/m' },
  { uri: 's3://', problem: /names no bucket/ },
  { uri: 's3://a b/m', problem: /'a b'/ },
  { uri: 's3://user:secret@models/m', problem: /no bucket can have the name/ },
  { uri: 's3://arn:aws:s3:us-east-1:1:accesspoint/x', problem: /its alias/ },
  { uri: 's3://models/m?endpiont=http://minio', problem: /'endpiont' is none of/, remedy: '?endpoint=…' },
  { uri: 's3://models/m?endpoint=minio:9000', problem: /no http/ },
  { uri: 's3://models/m?endpoint=http://me:secret@minio', problem: /more than an address/ },
  { uri: 's3://models/m?addressing=auto', problem: /'addressing' has no such value/ },
  { uri: 's3://models/m?anonymous=yes', problem: /'anonymous' has no such value/ },
  { uri: 'az:models/m', problem: /a container must stand behind/, remedy: 'az://models/m' },
  { uri: 'az://', problem: /names no container/ },
  { uri: 'az://Models/m', problem: /no container can have the name 'Models'/ },
  { uri: 'az://models@My/m', problem: /a storage account/ },
  { uri: 'az://models@a@b/m', problem: /a storage account/ },
  { uri: 'https://acct.blob.core.windows.net/', problem: /names no container/ },
  { uri: 'https://acct.blob.core.windows.net/models/100%', problem: /begins no character/ },
  { uri: 'https://me@acct.blob.core.windows.net/models/m', problem: /a user/ },
  { uri: 'https://acct.blob.core.windows.net/models/m?snapshot=1&sig=x', problem: /snapshot cannot/ },
  { uri: 'https://acct.blob.core.windows.net/models/m?snapshot=1', problem: /snapshot cannot/ },
  { uri: 'az://models/m?versionId=1', problem: /versionId cannot/ },
  { uri: 'pvc:claim/m', problem: /must stand behind/, remedy: 'pvc://claim/m' },
  { uri: 'pvc:///m', problem: /must stand behind/, remedy: 'pvc://m' },
  { uri: 'pvc://Claim/m', problem: /no claim can have the name/ },
  { uri: 'pvc://claim/m/../../etc', problem: /leads out/ },
];

for (const { uri, problem, remedy } of refused)
  test(`${uri} is refused`, () => {
    const result = parseReference(uri);
    assert.ok(!result.ok);
    assert.match(result.error.problem, problem);
    assert.equal(result.error.remedy, remedy);
  });

test('a host that only looks like one of Azure is no blob URL', () => {
  for (const host of [
    'acct.blob.core.windows.net.evil.com',
    'acct.blob.core.evil.com',
    'blob.core.windows.net',
  ])
    assert.notEqual(
      (parseReference(`https://${host}/models/m`) as { value?: { scheme: string } }).value?.scheme,
      'az',
    );
});

test('a problem shows no signature', () => {
  for (const uri of [
    'https://acct.blob.core.windows.net/NO/m?sv=1&sig=geheim',
    'az://NO/m?sig=geheim',
    'az://models/m?snapshot=2&sig=geheim',
  ]) {
    const result = parseReference(uri);
    assert.ok(!result.ok);
    assert.doesNotMatch(JSON.stringify(result), /geheim/);
  }
});

test('any key stands as it is written, but for the slashes around it', () => {
  const key = fc.string({ minLength: 1 }).filter(text => !/[?]|^\/|\/$/.test(text));
  fc.assert(
    fc.property(key, text => {
      assert.deepEqual(parseReference(`s3://models/${text}`), { ok: true, value: { ...s3, key: text } });
      assert.deepEqual(parseReference(`az://models/${text}`), { ok: true, value: { ...az, key: text } });
    }),
  );
});
