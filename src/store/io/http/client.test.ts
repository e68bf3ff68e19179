import assert from 'node:assert/strict';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { AppError, type ErrorCode } from '#base';
import { listening } from '../../fixtures/listening.ts';
import type { Answer } from './ask.ts';
import { HttpClient } from './client.ts';
import { unreachable } from './unreachable.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

async function serverOf(t: TestContext, handle: Handle): Promise<string> {
  return `http://${await listening(t, http.createServer(handle))}`;
}

function clientOf(t: TestContext, environment: Record<string, string> = {}, patienceMs = 5000): HttpClient {
  const client = new HttpClient('https://models/m', { patienceMs, connections: 2, environment });
  t.after(() => client.close());
  return client;
}

const signal = (): AbortSignal => AbortSignal.timeout(20_000);

async function said({ body }: Answer): Promise<string> {
  return (await body.text(100_000)).text;
}

async function rejects(promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

test('redirects are followed, and credentials stay with the server they are for', async t => {
  const other = await serverOf(t, ({ headers, url }, response) => {
    if (url === '/back') response.writeHead(302, { location: `${home}/end` }).end();
    else response.end(`other ${headers.authorization} ${headers.accept}`);
  });
  const home: string = await serverOf(t, ({ headers, url = '' }, response) => {
    const to: Record<string, string> = {
      '/here': '/end',
      '/away': `${other}/end`,
      '/round': `${other}/back`,
    };
    if (to[url] !== undefined) response.writeHead(307, { location: to[url] }).end('moved');
    else response.end(`home ${headers.authorization} ${headers.accept}`);
  });
  const client = clientOf(t);
  const ask = async (path: string): Promise<string> =>
    said(
      await client.ask({
        url: home + path,
        headers: { accept: 'x' },
        credentials: { authorization: 'secret' },
        signal: signal(),
      }),
    );
  assert.equal(await ask('/here'), 'home secret x');
  assert.equal(await ask('/away'), 'other undefined x');
  assert.equal(await ask('/round'), 'home undefined x');
});

const redirects: readonly (readonly [string, RegExp])[] = [
  ['http://192.0.2.1/m', /plain http, at 192\.0\.2\.1/],
  ['ftp://127.0.0.1/m', /redirects to ftp:/],
  ['http://[', /no URL/],
  ['/again', /more than 10 times/],
];

for (const [location, message] of redirects)
  test(`a redirect to ${location} is not followed`, async t => {
    const home = await serverOf(t, (_, response) => response.writeHead(302, { location }).end());
    const asked = clientOf(t).ask({ url: `${home}/again`, signal: signal() });
    await rejects(asked, 'source_invalid', message);
  });

test('a user in a URL is not sent by itself', async t => {
  const home = await serverOf(t, ({ headers }, response) => response.end(`${headers.authorization}`));
  const url = home.replace('//', '//me:secret@');
  assert.equal(await said(await clientOf(t).ask({ url, signal: signal() })), 'undefined');
});

test('a connection is used again, and one that ended while it waited is replaced', async t => {
  const ports = new Set<number | undefined>();
  let isLast = false;
  const home = await serverOf(t, ({ socket }, response) => {
    // Ended without an answer, as a server does whose patience with an idle connection runs out.
    if (isLast && ports.has(socket.remotePort)) socket.destroy();
    else response.end('x');
    ports.add(socket.remotePort);
  });
  const client = clientOf(t);
  for (let round = 0; round < 3; round++) await said(await client.ask({ url: home, signal: signal() }));
  assert.equal(ports.size, 1);
  isLast = true;
  assert.equal(await said(await client.ask({ url: home, signal: signal() })), 'x');
  assert.equal(ports.size, 2);
});

test('a slow reader is waited for longer than the patience with a server', async t => {
  const home = await serverOf(t, (_, response) => response.end(Buffer.alloc(8_000_000)));
  const { body } = await clientOf(t, {}, 100).ask({ url: home, signal: signal() });
  let bytes = 0;
  for await (const chunk of body) {
    if (bytes === 0) await new Promise(resolve => setTimeout(resolve, 300));
    bytes += chunk.length;
  }
  assert.equal(bytes, 8_000_000);
});

test('a server that sends nothing is left, and it is said after how much', async t => {
  const home = await serverOf(t, (_, response) =>
    response.writeHead(200, { 'content-length': 9 }).write('12345'),
  );
  const { body } = await clientOf(t, {}, 100).ask({ url: home, signal: signal() });
  await rejects(body.text(100), 'source_unavailable', /sent nothing for 0\.1 s after 5 bytes$/);
});

test('what is unreachable or not trusted is told in words', async t => {
  const gone = await new Promise<string>(resolve => {
    const server = http.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(`http://127.0.0.1:${port}`));
    });
  });
  const ask = (url: string): Promise<unknown> => clientOf(t).ask({ url, signal: signal() });
  await rejects(ask(gone), 'source_unavailable', /127\.0\.0\.1:\d+ lets nobody connect$/);
  await rejects(
    ask('http://nowhere.invalid/'),
    'source_unavailable',
    /nowhere\.invalid is a name that nobody knows|cannot be looked up/,
  );
});

test('a server that speaks no TLS is told so in one line', async t => {
  const plain = await serverOf(t, (_, response) => response.end());
  const error = await clientOf(t)
    .ask({ url: plain.replace('http:', 'https:'), signal: signal() })
    .catch((thrown: unknown) => thrown);
  assert.ok(error instanceof Error);
  assert.match(error.message, /does not speak TLS as it should: is it http:\/\/ that is meant\?$/);
});

test('a server whose certificate nobody vouches for is not tried again', () => {
  const untrusted = Object.assign(new Error('self-signed certificate'), {
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  const error = unreachable('https://models/m', 'models', untrusted);
  assert.equal(error.code, 'source_invalid');
  assert.match(error.message, /certificate of models is not trusted .*NODE_EXTRA_CA_CERTS/);
});

const SUPPORTS_PROXIES = (() => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
})();

test('a proxy of the environment is used, but for hosts that need none', {
  skip: !SUPPORTS_PROXIES && 'this Node has no proxyEnv',
}, async t => {
  const proxy = await serverOf(t, ({ url }, response) => response.end(`proxied ${url}`));
  const home = await serverOf(t, (_, response) => response.end('direct'));
  const ask = async (environment: Record<string, string>, url: string): Promise<string> =>
    said(await clientOf(t, environment).ask({ url, signal: signal() }));
  assert.equal(
    await ask({ HTTP_PROXY: proxy }, 'http://models.invalid/m'),
    'proxied http://models.invalid/m',
  );
  assert.equal(await ask({ HTTP_PROXY: proxy, NO_PROXY: '127.0.0.1' }, home), 'direct');
  assert.equal(await ask({}, home), 'direct');
});

test('JSON is bounded, and what is none is told', async t => {
  const home = await serverOf(t, ({ url }, response) => response.end(url === '/no' ? '{' : '{"a":1}'));
  const client = clientOf(t);
  const json = async (path: string, most: number): Promise<unknown> =>
    client.json(await client.ask({ url: home + path, signal: signal() }), most);
  assert.deepEqual(await json('/', 100), { a: 1 });
  await rejects(json('/', 5), 'source_invalid', /more than 5 bytes/);
  await rejects(json('/no', 100), 'source_invalid', /no JSON/);
});
