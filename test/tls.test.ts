/** TLS and pages of other origins, through the whole program and with clients that others wrote. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { ChannelCredentials, Client } from '@grpc/grpc-js';
import { folderOf, type Made, makeCertificate, writeCertificate } from '../src/net/fixtures/certificates.ts';
import { root, run, until } from './programs/fairlead.ts';
import { ask, startSecure } from './programs/secure.ts';

const model = join(root, 'examples', 'digits', 'models', 'digits', '1');
const sample = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'utf8');
const runFile = promisify(execFile);

interface Given {
  readonly folder: string;
  readonly authority: Made;
  readonly client: Made;
  readonly files: { readonly certificate: string; readonly key: string; readonly clientAuthority: string };
}

function given(t: TestContext): Given {
  const folder = folderOf(t);
  const authority = makeCertificate({ name: 'authority' });
  const client = makeCertificate({ name: 'client', by: authority });
  writeCertificate(folder, client);
  const { certificate: clientAuthority } = writeCertificate(folder, authority);
  const pair = writeCertificate(folder, makeCertificate({ name: 'server', by: authority }));
  return { folder, authority, client, files: { ...pair, clientAuthority } };
}

function serviceFile({ folder }: Given, server: object, name = 'fairlead.yaml'): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    JSON.stringify({
      kind: 'ModelService',
      metadata: { name: 'digits' },
      spec: { model: { uri: model }, server },
    }),
  );
  return path;
}

/** Asks gRPC for its health; rejects with grpc-js's error. */
async function healthOver(target: string, credentials: ChannelCredentials): Promise<string> {
  const client = new Client(target, credentials);
  const asIs = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise((resolve, reject) =>
      client.makeUnaryRequest('/grpc.health.v1.Health/Check', asIs, asIs, Buffer.alloc(0), (error, answer) =>
        error === null ? resolve(answer?.toString('hex') ?? '') : reject(error),
      ),
    );
  } finally {
    client.close();
  }
}

test('a server speaks TLS on both ports, and probes ask on a port without it', async t => {
  const all = given(t);
  const { certificate, key, clientAuthority } = all.files;
  const ca = all.authority.certificate;
  const { certificate: cert, key: own } = all.client;
  const flags = [`--tls-certificate=${certificate}`, `--tls-key=${key}`, '--health-port=0'];
  const mutual = `--tls-client-authority=${clientAuthority}`;
  const server = await startSecure(t, ['serve', model, ...flags, mutual], { ca, cert, key: own });
  const predicted = await ask(`${server.url}/predict`, { ca, cert, key: own, body: sample });
  assert.equal(predicted.status, 200);
  await assert.rejects(ask(`${server.url}/health`, { ca }), 'a client without a certificate came in');
  const [, , health = ''] = server.stdout().split('\n');
  assert.equal((await ask(`${health}/health`)).status, 200);
  assert.equal((await ask(`${health}/health/live`)).status, 200);
  for (const path of ['/predict', '/metrics', '/', '/health/'])
    assert.equal((await ask(`${health}${path}`)).status, 404);
  const trusted = Buffer.from(ca);
  assert.equal(
    await healthOver(server.grpc, ChannelCredentials.createSsl(trusted, Buffer.from(own), Buffer.from(cert))),
    '0801',
  );
  await assert.rejects(healthOver(server.grpc, ChannelCredentials.createSsl(trusted)), { code: 14 });
  const { text } = await ask(`${server.url}/metrics`, { ca, cert, key: own });
  assert.match(text, /^tls_certificate_expiry_seconds 1\d{9}$/m);
  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
  assert.doesNotMatch(server.stderr(), /PRIVATE KEY/);
});

test('the gateway of up speaks TLS, its servers do not, and its curl line can be pasted', async t => {
  const all = given(t);
  const ca = all.authority.certificate;
  writeFileSync(join(all.folder, 'request.json'), sample);
  const tls = { certificate: 'server.crt', key: 'server.key' };
  const service = await startSecure(t, ['up', serviceFile(all, { tls })], { ca });
  await until(() => service.stderr().includes('Ctrl-C stops'));
  assert.match(service.stderr(), / server 0 is ready at http:\/\/127/);
  const [, line = ''] = /^ {2}(curl .*)$/m.exec(service.stderr()) ?? [];
  assert.match(line, /--cacert \S+server\.crt https:\/\/127/);
  const { stdout } = await runFile('sh', ['-c', line]);
  assert.match(stdout, /^\{"predictions":\[\[/);
  assert.equal(await healthOver(service.grpc, ChannelCredentials.createSsl(Buffer.from(ca))), '0801');
  const { text } = await ask(`${service.url}/metrics`, { ca });
  assert.match(text, /^tls_certificate_expiry_seconds 1\d{9}$/m);
  await assert.rejects(
    new Promise((resolve, reject) => {
      const plain = service.url.replace('https', 'http');
      plainRequest(plain, { agent: false }, resolve).on('error', reject).end();
    }),
    'plain HTTP was answered',
  );
});

test('an edit names another certificate and other origins while up runs, and cannot turn TLS off', async t => {
  const all = given(t);
  const ca = all.authority.certificate;
  const tls = { certificate: 'server.crt', key: 'server.key' };
  const file = serviceFile(all, { tls });
  const service = await startSecure(t, ['up', file], { ca });
  await until(() => service.stderr().includes('Ctrl-C stops'));
  writeCertificate(
    all.folder,
    makeCertificate({ name: 'other', by: makeCertificate({ name: 'elsewhere' }) }),
  );
  const from = { ca, headers: { origin: 'https://app.example' } };
  assert.equal((await ask(`${service.url}/health`, from)).headers['access-control-allow-origin'], undefined);
  serviceFile(all, { tls, cors: { origins: ['https://app.example'] } });
  await until(() => service.stderr().includes('Applied'));
  const { headers } = await ask(`${service.url}/predict`, { ...from, body: '{' });
  assert.equal(headers['access-control-allow-origin'], 'https://app.example');
  const other = { certificate: 'other.crt', key: 'other.key' };
  serviceFile(all, { tls: other });
  await until(async () => (await ask(`${service.url}/health`, { ca }).catch(() => undefined)) === undefined);
  serviceFile(all, {});
  await until(() => /Not applied.*spec\.server\.tls cannot be turned on/.test(service.stderr()));
  serviceFile(all, { tls: { ...other, key: 'server.key' } });
  await until(() => /Not applied.*it is not the key of the certificate/.test(service.stderr()));
});

test("with pages' origins, a preflight and a refusal can be read by those pages, at a server too", async t => {
  const all = given(t);
  const { certificate, key } = all.files;
  const ca = all.authority.certificate;
  const flags = [`--tls-certificate=${certificate}`, `--tls-key=${key}`, '--cors-origin=https://app.example'];
  const server = await startSecure(t, ['serve', model, ...flags, '--cors-header=X-Tenant'], { ca });
  const origin = 'https://app.example';
  const preflight = { origin, 'access-control-request-method': 'POST' };
  const asked = await ask(`${server.url}/predict`, { ca, method: 'OPTIONS', headers: preflight });
  assert.equal(asked.status, 204);
  assert.match(String(asked.headers['access-control-allow-headers']), /X-Tenant/);
  for (const [path, body] of [
    ['/predict', '{'],
    ['/nowhere', ''],
    ['/predict', sample],
  ] as const) {
    const told = await ask(`${server.url}${path}`, { ca, body, headers: { origin } });
    assert.equal(told.headers['access-control-allow-origin'], origin, `${path} ${told.status}`);
    assert.match(String(told.headers['vary']), /Origin/);
  }
  const other = await ask(`${server.url}/predict`, {
    ca,
    body: sample,
    headers: { origin: 'https://o.example' },
  });
  assert.equal(other.headers['access-control-allow-origin'], undefined);
});

test('files that are not there are told of before anything listens', async () => {
  const ended = await run(['serve', model, '--port', '0', '--tls-certificate=/no/c', '--tls-key=/no/k']);
  assert.equal(ended.code, 3);
  assert.match(ended.stderr, /\/no\/c cannot be used for TLS: it is not there\n {2}hint: /);
  assert.equal(ended.stdout, '');
});
