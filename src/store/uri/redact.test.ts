import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
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
  ['s3://b/what?.bin', 's3://b/what?.bin'],
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
