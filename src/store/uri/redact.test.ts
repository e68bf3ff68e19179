import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { parseReference } from './parse.ts';
import { redacted } from './redact.ts';

const shown: readonly (readonly [string, string])[] = [
  ['https://host/m.onnx', 'https://host/m.onnx'],
  ['https://me:secret@host/m.onnx', 'https://***@host/m.onnx'],
  ['https://token@host/m.onnx', 'https://***@host/m.onnx'],
  ['https://host/a@b/m.onnx', 'https://host/a@b/m.onnx'],
  ['https://host/m?X-Amz-Signature=abc&versionId=1', 'https://host/m?X-Amz-Signature=***&versionId=1'],
  ['https://host/m?sv=1&sig=a%3D=', 'https://host/m?sv=***&sig=***'],
  ['https://host/m?secret', 'https://host/m?***'],
  ['HTTPS://me:secret@host/m', 'HTTPS://***@host/m'],
  ['s3://b/k?endpoint=http://minio:9000', 's3://b/k?endpoint=http://minio:9000'],
  ['s3://b/k?endpoint=http://me:secret@minio:9000', 's3://b/k?endpoint=***'],
  ['s3://b/k?endpoint=http%3A%2F%2Fme%3Asecret%40minio', 's3://b/k?endpoint=***'],
  ['s3://b/what?.bin', 's3://b/what?.bin'],
  ['https:/me:secret@host/m', 'https:/***@host/m'],
  ['https://me:sec/ret@host/m', 'https://***@host/m'],
  ['https://me:sec#ret@host/m', 'https://***@host/m'],
  ['https://host:8080/a@b/m', 'https://host:8080/a@b/m'],
  ['https://[::1]:8080/a@b/m', 'https://[::1]:8080/a@b/m'],
  ['az://container@account/blob', 'az://container@account/blob'],
  ['hf://owner/repo@main', 'hf://owner/repo@main'],
  ['oci://host:5000/m@sha256:abc', 'oci://host:5000/m@sha256:abc'],
  ['oci://me:secret@host:5000/m', 'oci://***@host:5000/m'],
  ['./a:b@c?d=e', './a:b@c?d=e'],
];

for (const [uri, expected] of shown)
  test(`${uri} is shown as ${expected}`, () => {
    assert.equal(redacted(uri), expected);
  });

test('neither a password nor the value of a query is ever shown', () => {
  const secret = fc.stringMatching(/^[a-zA-Z0-9%!$'()*+,;=:._~-]{8,20}$/).map(text => `S3CR3T${text}`);
  fc.assert(
    fc.property(secret, fc.constantFrom('https', 'http', 's3', 'oci'), (text, scheme) => {
      const uri = `${scheme}://me:${text}@host/path/m.onnx?token=${text}&other=${text}`;
      assert.ok(!redacted(uri).includes('S3CR3T'), redacted(uri));
    }),
  );
});

const refused: readonly string[] = [
  'https://me:S3CR3T@host/folder/',
  'https://host/folder/?sig=S3CR3T',
  'https://huggingface.co/owner/repo?token=S3CR3T',
  'https:/me:S3CR3T@host/m.onnx',
  'https://me:a/S3CR3T@host/m.onnx',
  's3://AKIA:S3CR3T@bucket/key',
  's3:/AKIA:S3CR3T@bucket/key',
  's3:/AKIA:a/S3CR3T@bucket/key',
  's3a://AKIA:S3CR3T@bucket/key',
  's3://bucket/key?endpoint=http://me:S3CR3T@minio',
  's3://bucket/key?endpoint=http%3A%2F%2Fme%3AS3CR3T%40minio',
  'gs://bucket/key?endpoint=http://me:S3CR3T@host',
  'gs://bucket/key?token=S3CR3T',
  'az://c?sig=S3CR3T',
  'oci://me:S3CR3T@host/repo',
  'hf://me:S3CR3T@owner/repo',
  'pvc://me:S3CR3T@claim/path',
  'ftp://me:S3CR3T@host/m.onnx',
  'htps://host/m.onnx?sig=S3CR3T',
];

for (const uri of refused)
  test(`what is wrong with ${uri} is told without its secret`, () => {
    const read = parseReference(uri);
    assert.ok(!read.ok);
    assert.ok(!JSON.stringify(read.error).includes('S3CR3T'), JSON.stringify(read.error));
  });
