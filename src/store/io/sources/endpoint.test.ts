import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { AppError } from '#base';
import { folder } from '../../fixtures/try-store.ts';
import { parseReference } from '../../uri/parse.ts';
import { openSource } from '../sources.ts';

const endpoints: readonly (readonly [uri: string, environment: Record<string, string>, says: RegExp])[] = [
  ['s3://bucket/m', { AWS_ENDPOINT_URL_S3: 'minio:9000' }, /AWS_ENDPOINT_URL_S3/],
  ['s3://bucket/m', { AWS_ENDPOINT_URL: '10.1.2.3:9000' }, /AWS_ENDPOINT_URL/],
  ['s3://bucket/m', { AWS_ENDPOINT_URL_S3: 'me:S3CR3T@minio' }, /AWS_ENDPOINT_URL_S3/],
  ['gs://bucket/m', { STORAGE_EMULATOR_HOST: 'ht tp://S3CR3T' }, /STORAGE_EMULATOR_HOST/],
  [
    'az://models/m',
    { AZURE_STORAGE_CONNECTION_STRING: 'AccountName=acct;AccountKey=S3CR3T;BlobEndpoint=acct:10000' },
    /AZURE_STORAGE_CONNECTION_STRING/,
  ],
  ['az://models/m', { AZURE_STORAGE_ACCOUNT: 'no account' }, /AZURE_STORAGE_ACCOUNT/],
];

for (const [uri, environment, says] of endpoints)
  test(`${uri} with ${JSON.stringify(environment)} is refused at once, with the variable named`, async () => {
    const error = await refusal(uri, environment);
    assert.equal(error.code, 'source_refused');
    assert.match(error.message, says);
    assert.match(error.message, /http:\/\//);
    assert.ok(!error.message.includes('S3CR3T'), error.message);
  });

test('what a file of credentials of Google holds is not told', async t => {
  const path = join(await folder(t), 'key.json');
  await writeFile(path, 'S3CR3T');
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = path;
  t.after(() => {
    delete process.env['GOOGLE_APPLICATION_CREDENTIALS'];
  });
  const error = await refusal('gs://bucket/m', {});
  assert.match(error.message, /GOOGLE_APPLICATION_CREDENTIALS environment variable: it is no JSON/);
  assert.ok(!error.message.includes('S3CR3T'), error.message);
});

async function refusal(uri: string, environment: Record<string, string>): Promise<AppError> {
  const error: unknown = await listed(uri, environment).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof AppError, String(error));
  return error;
}

async function listed(uri: string, environment: Record<string, string>): Promise<unknown> {
  const reference = parseReference(uri);
  assert.ok(reference.ok);
  const source = await openSource(reference.value, uri, { patienceMs: 5000, connections: 1, environment });
  return source.list(AbortSignal.timeout(10_000)).finally(() => source.close());
}
