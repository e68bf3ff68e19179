import assert from 'node:assert/strict';
import test from 'node:test';
import { readSource } from './sources.ts';

const read: readonly { written: string; scheme: string; parts: readonly string[]; endpoint?: string }[] = [
  { written: 'file', scheme: 'file', parts: [] },
  { written: 's3', scheme: 's3', parts: [] },
  { written: 'file:///srv/models/', scheme: 'file', parts: ['srv', 'models'] },
  { written: 's3://Models/team/', scheme: 's3', parts: ['Models', 'team'] },
  { written: 's3://m', scheme: 's3', parts: ['m'] },
  {
    written: 's3://m/?endpoint=HTTP://MinIO:80/',
    scheme: 's3',
    parts: ['m'],
    endpoint: 'http://minio',
  },
  { written: 'gs://m/a', scheme: 'gs', parts: ['m', 'a'] },
  { written: 'pvc://claim/a', scheme: 'pvc', parts: ['claim', 'a'] },
  { written: 'hf://acme/', scheme: 'hf', parts: ['acme'] },
  { written: 'oci://GHCR.io:443/acme/', scheme: 'oci', parts: ['ghcr.io', 'acme'] },
  { written: 'oci://index.docker.io/acme', scheme: 'oci', parts: ['docker.io', 'acme'] },
  {
    written: 'oci://localhost:5000/?insecure=true',
    scheme: 'oci',
    parts: ['localhost:5000'],
    endpoint: 'http',
  },
  { written: 'az://models/a', scheme: 'az', parts: ['models', 'a'] },
  {
    written: 'az://models@Acme/',
    scheme: 'https',
    parts: ['acme.blob.core.windows.net', 'models'],
  },
  {
    written: 'https://acme.blob.core.windows.net/models/',
    scheme: 'https',
    parts: ['acme.blob.core.windows.net', 'models'],
  },
  { written: 'https://HOST.example:443/a%20b/', scheme: 'https', parts: ['host.example', 'a b'] },
  { written: 'https://host.example', scheme: 'https', parts: ['host.example'] },
  { written: 'http://127.0.0.1:8080/m', scheme: 'http', parts: ['127.0.0.1:8080', 'm'] },
];

for (const { written, scheme, parts, endpoint } of read) {
  test(`a source may be ${written}`, () => {
    const result = readSource(written);
    assert.ok(result.ok);
    const { value } = result;
    assert.deepEqual([value.scheme, value.parts, value.endpoint], [scheme, parts, endpoint]);
  });
}

const none: readonly { name: string; written: string }[] = [
  { name: 'a path', written: './models' },
  { name: 'a scheme that is none', written: 'ftp://host/' },
  { name: 'a scheme without a place', written: 's3://' },
  { name: 'a pattern', written: 's3://models-*/' },
  { name: 'a relative path', written: 'file://models' },
  { name: 'a way out', written: 's3://models/../other' },
  { name: 'a way out of an address, encoded', written: 'https://host/a/%252e%252e/b' },
  { name: 'an encoded slash', written: 'https://host/a%2fb' },
  { name: 'a backslash', written: 'https://host\\@evil/' },
  { name: 'credentials', written: 'https://user:secret@host/' },
  { name: 'a query', written: 'https://host/?sig=a' },
  { name: 'an endpoint of a scheme without', written: 'hf://acme?endpoint=https://evil' },
  { name: 'an endpoint that is none', written: 's3://m?endpoint=minio:9000' },
  { name: 'two endpoints', written: 's3://m?endpoint=https://a&endpoint=https://b' },
];

for (const { name, written } of none) {
  test(`no source is ${name}: ${written}`, () => assert.equal(readSource(written).ok, false));
}
