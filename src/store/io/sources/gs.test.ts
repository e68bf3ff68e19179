import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { gsPlace, noGs } from '../../fixtures/gs-bucket.ts';
import { bytesOf, everything, opened, type Scheme } from '../../fixtures/scheme.ts';
import { holdCases } from '../../hold.cases.ts';
import { sourceCases } from '../../port.cases.ts';
import { read } from '../../port-reading.cases.ts';
import { parseGs } from '../../uri/parse-gs.ts';
import { gsAccess } from './gs-credentials.ts';

const scheme: Scheme = { name: 'gs://', can: everything, skip: noGs, place: gsPlace };

sourceCases(scheme);
holdCases(scheme);

const signal = (): AbortSignal => AbortSignal.timeout(20_000);

test('gs:// tells the MD5 that the store keeps of an object', { skip: noGs }, async t => {
  const place = await gsPlace(t);
  await place.put({ 'm.bin': bytesOf('0123456789') });
  const { source } = await opened(t, scheme, place, { path: 'm.bin' });
  const { files } = await source.list(signal());
  const hex = createHash('md5').update('0123456789').digest('hex');
  assert.deepEqual(files[0]?.checksum, { algorithm: 'md5', hex });
});

test('gs:// gives what was stored compressed as it was stored, and ranges of that', {
  skip: noGs,
}, async t => {
  const place = await gsPlace(t);
  const stored = gzipSync('0123456789'.repeat(100));
  await place.store('m.bin', stored, { contentEncoding: 'gzip' });
  const { source } = await opened(t, scheme, place, { path: 'm.bin' });
  const { files } = await source.list(signal());
  const [file] = files;
  assert.ok(file !== undefined);
  assert.equal(file.size, stored.length);
  assert.deepEqual(await read({ source, file }), stored);
  assert.deepEqual(await read({ source, file }, { start: 3, end: 9 }), stored.subarray(3, 9));
});

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-gs-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The library looks into the process itself. */
function within(t: TestContext, variables: Readonly<Record<string, string>>): void {
  const names = ['GOOGLE_APPLICATION_CREDENTIALS', 'METADATA_SERVER_DETECTION', 'HOME'];
  const before = new Map(names.map(name => [name, process.env[name]]));
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const name of names) set(name, variables[name]);
  t.after(() => {
    for (const [name, value] of before) set(name, value);
  });
}

function headersOf(
  uri: string,
  environment: Record<string, string> = {},
): Promise<Readonly<Record<string, string>>> {
  const reference = parseGs(uri);
  assert.ok(reference.ok);
  return gsAccess(reference.value, uri, { patienceMs: 1000, connections: 1, environment }).headers(signal());
}

/** Workload identity as pods have it: a token of theirs is exchanged for one of Google's. */
async function workloadIdentity(
  t: TestContext,
  status = 200,
): Promise<{ file: string; exchanged: string[] }> {
  const exchanged: string[] = [];
  const server = http.createServer((request, response) => {
    request.once('data', body =>
      exchanged.push(new URLSearchParams(String(body)).get('subject_token') ?? ''),
    );
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        status === 200
          ? {
              access_token: 'ya29.google',
              issued_token_type: 'access',
              token_type: 'Bearer',
              expires_in: 3600,
            }
          : { error: 'invalid_target', error_description: 'no such pool' },
      ),
    );
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const folder = await folderOf(t);
  await writeFile(join(folder, 'token'), 's3cr3t-of-the-pod');
  await writeFile(
    join(folder, 'identity.json'),
    JSON.stringify({
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/k',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
      credential_source: { file: join(folder, 'token') },
    }),
  );
  return { file: join(folder, 'identity.json'), exchanged };
}

test('gs:// takes credentials from the file that the environment names, and exchanges them once', async t => {
  const { file, exchanged } = await workloadIdentity(t);
  const reference = parseGs('gs://bucket/m');
  assert.ok(reference.ok);
  within(t, { GOOGLE_APPLICATION_CREDENTIALS: file });
  const access = gsAccess(reference.value, 'gs://bucket/m', {
    patienceMs: 1000,
    connections: 1,
    environment: {},
  });
  for (let request = 0; request < 2; request++)
    assert.equal((await access.headers(signal()))['authorization'], 'Bearer ya29.google');
  assert.deepEqual(exchanged, ['s3cr3t-of-the-pod']);
});

const nobody: readonly (readonly [string, string, Record<string, string>])[] = [
  ['an endpoint that is not of Google', 'gs://bucket/m?endpoint=https://evil.example', {}],
  ['one that only looks so', 'gs://bucket/m?endpoint=https://storage.googleapis.com.evil.example', {}],
  ['one of Google without TLS', 'gs://bucket/m?endpoint=http://storage.googleapis.com', {}],
  ['an emulator', 'gs://bucket/m', { STORAGE_EMULATOR_HOST: 'localhost:4443' }],
  ['what is to be read as nobody', 'gs://bucket/m?anonymous=true', {}],
];

for (const [name, uri, environment] of nobody)
  test(`gs:// sends no credentials to ${name}`, async t => {
    const { file, exchanged } = await workloadIdentity(t);
    within(t, { GOOGLE_APPLICATION_CREDENTIALS: file });
    assert.deepEqual([await headersOf(uri, environment), exchanged], [{}, []]);
  });

test('gs:// says what is wrong with credentials, without telling them', async t => {
  const { file } = await workloadIdentity(t, 400);
  for (const named of [file, join(await folderOf(t), 'nothing.json')]) {
    within(t, { GOOGLE_APPLICATION_CREDENTIALS: named });
    await assert.rejects(headersOf('gs://bucket/m'), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'source_refused');
      assert.match(error.message, /^gs:\/\/bucket\/m: no token was to be had .*gcloud auth/);
      assert.ok(!error.message.includes('s3cr3t'));
      return true;
    });
  }
});

test('gs:// is asked as nobody where there are no credentials', async t => {
  within(t, { METADATA_SERVER_DETECTION: 'none', HOME: await folderOf(t) });
  assert.deepEqual(await headersOf('gs://bucket/m'), {});
});
