/** Who comes in by the gateway of a service, and what its servers hear of it. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { AppError } from '#base';
import { digestOf } from '#net';
import type { Arm } from '#spec';
import { call, type Facts, readyRpc } from './fixtures/rpc-client.ts';
import { arms, ask, raw, readyLocal, until } from './fixtures/service.ts';

interface Told extends Facts {
  /** What the server was told by its gateway. */
  readonly secret: string;
}

const told = (text: string): Told => JSON.parse(text) as Told;

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'fairlead-access-'));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

/** A file of keys, each named as it is. */
function keyFile(path: string, ...keys: readonly (string | readonly [string, object])[]): string {
  const entries = keys.map(one => {
    const [text, limits] = typeof one === 'string' ? [one, {}] : one;
    return { name: text, sha256: digestOf(text).toString('hex'), ...limits };
  });
  writeFileSync(path, JSON.stringify({ keys: entries }));
  return path;
}

function guarded(t: TestContext, ...keys: Parameters<typeof keyFile>[1][]) {
  const place = folder(t);
  const [predict, admin] = [join(place, 'predict.json'), join(place, 'admin.json')];
  keyFile(predict, ...keys);
  keyFile(admin, 'root');
  const of = (version: string, auth: object | undefined = authOf(predict, admin)): Arm[] =>
    arms({ version }, undefined, '5s', auth && { auth });
  return { of, place, predict, admin };
}

const authOf = (predict: string, admin: string) => ({
  predict: { keys: { file: predict } },
  admin: { keys: { file: admin } },
});

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

test('a request with a key reaches a server, which hears of its gateway and not of the key', async t => {
  const { of } = guarded(t, 'alice');
  const { url } = await readyLocal(t, of('1'));
  for (const headers of [{ 'x-api-key': 'alice' }, bearer('alice')]) {
    const { status: code, text } = await ask(`${url}/predict`, {
      body: '{}',
      headers: { ...headers, 'X-Fairlead-Gateway': 'forged' },
    });
    assert.equal(code, 200);
    const { headers: heard, secret } = told(text);
    assert.match(secret, /^[\w-]{43}$/);
    assert.equal(heard['x-fairlead-gateway'], secret);
    assert.equal(text.includes('alice'), false);
    assert.equal(text.includes('forged'), false);
  }
});

test('who shows a key beside another credential keeps the server from both', async t => {
  const { of } = guarded(t, 'alice');
  const { url } = await readyLocal(t, of('1'));
  const { text } = await ask(`${url}/x`, { headers: { 'x-api-key': 'alice', ...bearer('other') } });
  assert.equal(/alice|other/.test(text), false);
});

test('without auth, what clients show goes on to the servers, but for what is a gateway to show', async t => {
  const { url } = await readyLocal(t, arms({}));
  const headers = { 'x-api-key': 'alice', ...bearer('t'), 'x-fairlead-gateway': 'forged' };
  const { headers: heard, secret } = told((await ask(`${url}/x`, { headers })).text);
  assert.equal(secret, '');
  assert.equal(heard['x-api-key'], 'alice');
  assert.equal(heard['authorization'], 'Bearer t');
  assert.equal(heard['x-fairlead-gateway'], undefined);
});

test('who has no key, or another, is refused before a body is read, and the connection goes on', async t => {
  const { of } = guarded(t, 'alice');
  const { url } = await readyLocal(t, of('1'));
  const ok = 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const post = 'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n';
  const answer = await raw(url, `${post}\r\n123456789${ok}`);
  assert.match(answer, /^HTTP\/1\.1 401 Unauthorized\r\n[^]*WWW-Authenticate: Bearer realm="fairlead"\r\n/);
  assert.match(answer, /HTTP\/1\.1 200 OK[^]*\{"status":"ok"\}\n$/);
  const waiting = await raw(url, `${post}Expect: 100-continue\r\n\r\n`);
  assert.match(waiting, /^HTTP\/1\.1 401 [^]*and none came"\}\n$/, 'who waits to send is not told to');
});

test('own pages are for administrators, and health tells probes no more than they need', async t => {
  const { of } = guarded(t, 'alice');
  const { url } = await readyLocal(t, of('1'));
  for (const path of ['/', '/metrics']) {
    assert.equal((await ask(url + path)).status, 401, path);
    assert.equal((await ask(url + path, { headers: bearer('alice') })).status, 403, path);
    assert.equal((await ask(url + path, { headers: bearer('root') })).status, 200, path);
  }
  assert.equal((await ask(`${url}/health`)).text, '{"status":"ok"}\n');
  const { text } = await ask(`${url}/metrics`, { headers: bearer('root') });
  assert.match(text, /^gateway_requests_refused_total\{reason="credentials_missing"\} 2$/m);
  assert.match(text, /^gateway_requests_refused_total\{reason="access_denied"\} 2$/m);
  assert.match(text, /^model_ready\{.*model_version="1"\} 1$/m, "a server's own metrics are there");
});

test('calls are let in as requests are, and the server hears of its gateway', async t => {
  const { of } = guarded(t, 'alice');
  const { client } = await readyRpc(t, of('1'));
  const forged = { 'x-fairlead-gateway': 'forged' };
  for (const metadata of [{ 'x-api-key': 'alice' }, bearer('alice')]) {
    const { message } = await call(client, 'Facts', { metadata: { ...metadata, ...forged } });
    const { headers } = told(String(message));
    assert.match(headers['x-fairlead-gateway'] ?? '', /^[\w-]{43}$/);
    assert.equal(/alice|forged/.test(JSON.stringify(headers)), false);
  }
  await assert.rejects(call(client, 'Facts'), { code: status.UNAUTHENTICATED });
  await assert.rejects(call(client, 'Facts', { metadata: bearer('x') }), { code: status.UNAUTHENTICATED });
  const index = '/inference.GRPCInferenceService/RepositoryIndex';
  await assert.rejects(call(client, index, { metadata: bearer('alice') }), {
    code: status.PERMISSION_DENIED,
  });
  await call(client, index, { metadata: bearer('root') });
  await call(client, '/grpc.health.v1.Health/Check');
});

test('a key is kept within its limits, and told when to come again', async t => {
  const { of } = guarded(t, ['few', { concurrent: 1 }], ['slow', { rate: '2/h' }]);
  const { url } = await readyLocal(t, of('1'));
  const held = ask(`${url}/slow?ms=300`, { headers: bearer('few') });
  await until('the first is in flight', async () => {
    const { status: code, headers } = await ask(`${url}/x`, { headers: bearer('few') });
    assert.equal(headers['retry-after'], code === 429 ? '1' : undefined);
    return code === 429;
  });
  assert.equal((await held).status, 200);
  assert.equal((await ask(`${url}/x`, { headers: bearer('few') })).status, 200);
  const codes: unknown[] = [];
  for (let count = 0; count < 3; count++) {
    const { status: code, headers } = await ask(`${url}/x`, { headers: bearer('slow') });
    codes.push(code, headers['retry-after']);
  }
  assert.deepEqual(codes, [200, undefined, 200, undefined, 429, '1800']);
});

test('a client that leaves gives back what it held', async t => {
  const { of } = guarded(t, ['few', { concurrent: 1 }]);
  const service = await readyLocal(t, of('1'));
  const aborter = new AbortController();
  const never = fetch(`${service.url}/never`, { headers: bearer('few'), signal: aborter.signal });
  await until('it is in flight', () => service.status().inFlight === 1);
  aborter.abort();
  await assert.rejects(never);
  await until(
    'there is room',
    async () => (await ask(`${service.url}/x`, { headers: bearer('few') })).status === 200,
  );
});

test('a key that is exchanged while a request is in flight harms nobody', async t => {
  const { of, predict } = guarded(t, 'old');
  const service = await readyLocal(t, of('1'));
  const [{ servers: before } = { servers: [] }] = service.status().arms;
  const held = ask(`${service.url}/slow?ms=2000`, { headers: bearer('old') });
  await until('it is in flight', () => service.status().inFlight === 1);
  const code = async (key: string): Promise<number> =>
    (await ask(`${service.url}/x`, { headers: bearer(key) })).status;
  keyFile(predict, 'old', 'new');
  await until('both are good', async () => (await code('new')) === 200);
  assert.equal(await code('old'), 200);
  keyFile(predict, 'new');
  await until('the old one is not', async () => (await code('old')) === 401);
  assert.equal(await code('new'), 200);
  writeFileSync(predict, 'keys: [{name: broken');
  assert.equal((await held).status, 200);
  assert.equal(await code('new'), 200);
  assert.deepEqual(
    service.status().arms[0]?.servers.map(({ pid }) => pid),
    before.map(({ pid }) => pid),
  );
});

test('an edit of who may come in counts with its arms, and one whose files are wrong changes nothing', async t => {
  const { of, place, admin } = guarded(t, 'alice');
  const service = await readyLocal(t, of('1'));
  const code = async (key: string): Promise<number> =>
    (await ask(`${service.url}/x`, { headers: bearer(key) })).status;
  const missing = service.apply(of('2', authOf(join(place, 'nowhere'), admin)));
  await assert.rejects(missing, (error: AppError) => error.code === 'file_unreadable');
  writeFileSync(join(place, 'wrong'), 'keys: [{name: a, sha256: short}]');
  await assert.rejects(service.apply(of('2', authOf(join(place, 'wrong'), admin))), {
    code: 'keys_invalid',
    message: /wrong has a fault:\n {2}line 1, column 26: keys\[0\]\.sha256 must be the SHA-256 of the key/,
  });
  assert.deepEqual([await code('alice'), await code('bob')], [200, 401]);
  const others = keyFile(join(place, 'others.json'), 'bob');
  await service.apply(of('2', authOf(others, admin)));
  assert.deepEqual([await code('alice'), await code('bob')], [401, 200]);
  await service.apply(arms({ version: '3' }));
  assert.equal(await code('nobody'), 200);
  await service.apply(of('4'));
  assert.deepEqual([await code('alice'), await code('bob')], [200, 401]);
});

test('who is refused is told so, though the rest of the request is no HTTP', async t => {
  const { of } = guarded(t, 'alice');
  const { url } = await readyLocal(t, of('1'));
  const breaks = (path: string, key: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`;
  const waits = 'GET /slow?ms=100 HTTP/1.1\r\nHost: x\r\nX-API-Key: alice\r\n\r\n';
  const codes = async (bytes: string) => (await raw(url, bytes)).match(/(?<=^HTTP\/1\.1 )\d+/gm);
  assert.deepEqual(await codes(breaks('/x', 'mallory')), ['401']);
  assert.deepEqual(await codes(waits + breaks('/x', 'mallory')), ['200', '401']);
  assert.deepEqual(await codes(breaks('/metrics', 'root').replace('POST', 'GET')), ['400']);
  assert.equal((await ask(`${url}/metrics`, { headers: bearer('root') })).status, 200);
});

test('a request that breaks while its token is checked is answered once, whatever the token is worth', async t => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = join(folder(t), 'jwks.json');
  writeFileSync(jwks, JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }));
  const token = (exp: number): string => {
    const parts = [{ alg: 'ES256' }, { iss: 'i', aud: 'a', exp }];
    const text = parts.map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  };
  const jwt = { issuer: 'i', audience: 'a', jwks };
  const { url } = await readyLocal(t, arms({}, undefined, '5s', { auth: { predict: { jwt } } }));
  const later = Math.floor(Date.now() / 1000) + 600;
  const good = token(later);
  const bad = good.replace(/\.[^.]*$/, '.AAAA');
  const head = (line: string, shown: string): string =>
    `${line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${shown}\r\n`;
  assert.equal((await ask(`${url}/x`, { headers: bearer(good) })).status, 200);
  const waits = `${head('GET /slow?ms=200', good)}\r\n`;
  for (const shown of [bad, token(later + 1)]) {
    const breaks = `${head('POST /early', shown)}Transfer-Encoding: chunked\r\n\r\nzz\r\n`;
    const answer = await raw(url, waits + breaks);
    assert.deepEqual(answer.match(/^HTTP\/1\.1 \d+/gm), ['HTTP/1.1 200', 'HTTP/1.1 400']);
  }
});

test('while edits follow one another, nobody comes in who may not by any of them', async t => {
  const { of, place, admin } = guarded(t, 'alice');
  const service = await readyLocal(t, of('1'));
  const files = ['a', 'b', 'c'].map(name => keyFile(join(place, name), 'alice', name));
  const applied = files.map((file, at) => service.apply(of(String(at + 2), authOf(file, admin))));
  const codes = new Set<number>();
  const asking = Promise.all(applied).then(() => 'done');
  while ((await Promise.race([asking, ask(`${service.url}/x`)])) !== 'done') {
    codes.add((await ask(`${service.url}/x`, { headers: bearer('mallory') })).status);
    assert.equal((await ask(`${service.url}/x`, { headers: bearer('alice') })).status, 200);
  }
  assert.deepEqual([...codes], [401]);
  assert.equal((await ask(`${service.url}/x`, { headers: bearer('c') })).status, 200);
  assert.equal((await ask(`${service.url}/x`, { headers: bearer('a') })).status, 401);
});

const skip = existsSync('/proc/self/environ') ? false : 'there is no /proc here';

test('what a gateway tells its server is known to nobody else', { skip }, async t => {
  const { of } = guarded(t, 'alice');
  const logged: string[] = [];
  const logger = {
    enabled: () => true,
    log: (...line: readonly unknown[]) => void logged.push(JSON.stringify(line)),
  };
  const service = await readyLocal(t, of('1'), { logger });
  const { text } = await ask(`${service.url}/x`, { headers: bearer('alice') });
  const { secret, pid } = told(text) as Told & { readonly pid: number };
  const places = [
    ...['environ', 'cmdline'].map(name => readFileSync(`/proc/${pid}/${name}`, 'utf8')),
    JSON.stringify(service.status()),
    ...logged,
    (await ask(`${service.url}/metrics`, { headers: bearer('root') })).text,
    (await ask(service.url, { headers: bearer('root') })).text,
  ];
  for (const place of places) assert.equal(place.includes(secret), false, place);
  process.kill(pid, 'SIGKILL');
  await until('another took its place', async () => {
    const again = await ask(`${service.url}/x`, { headers: bearer('alice') });
    if (again.status !== 200) return false;
    assert.notEqual(told(again.text).secret, secret);
    return true;
  });
});
