import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError, failure } from '#base';
import { listening } from '../../fixtures/listening.ts';
import type { Ask, Content } from './ask.ts';
import { HttpClient } from './client.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

const MiB = 2 ** 20;
const bytes = randomBytes(5 * MiB);
const signal = (): AbortSignal => AbortSignal.timeout(20_000);

async function serverOf(t: TestContext, handle: Handle): Promise<string> {
  return `http://${await listening(t, http.createServer(handle))}/`;
}

function clientOf(t: TestContext, patienceMs = 5000): HttpClient {
  const client = new HttpClient('oci://r.io/a', { patienceMs, connections: 2, environment: {} });
  t.after(() => client.close());
  return client;
}

/** In pieces of 64 KiB. */
function streamed(whole: Uint8Array, size = whole.length): Content {
  return {
    type: 'x/y',
    size,
    async *open() {
      for (let at = 0; at < whole.length; at += 65_536) yield whole.subarray(at, at + 65_536);
    },
  };
}

async function asked(
  client: HttpClient,
  ask: Omit<Ask, 'signal'>,
): Promise<{ status: number; text: string }> {
  const { status, body } = await client.ask({ signal: signal(), ...ask });
  return { status, text: (await body.text(10_000)).text };
}

const huge = streamed(Buffer.alloc(64 * MiB));

/** What came: its method, length and type, and the digest of its bytes. */
const telling: Handle = (request, response) => {
  const hash = createHash('sha256');
  request.on('data', (chunk: Buffer) => hash.update(chunk));
  request.on('end', () => {
    const { 'content-length': length, 'content-type': type } = request.headers;
    response.end([request.method, length, type, hash.digest('hex').slice(0, 16)].join(' '));
  });
};

const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);

for (const method of ['PUT', 'PATCH', 'POST'] as const)
  test(`${method} sends a stream as it is, again and again over one connection`, async t => {
    const ports = new Set<number | undefined>();
    const url = await serverOf(t, (request, response) => {
      ports.add(request.socket.remotePort);
      telling(request, response);
    });
    const client = clientOf(t);
    for (let count = 0; count < 3; count++) {
      const { text } = await asked(client, { url, method, content: streamed(bytes) });
      assert.equal(text, `${method} ${bytes.length} x/y ${digest}`);
    }
    assert.equal(ports.size, 1);
  });

test('nothing is sent as nothing', async t => {
  const url = await serverOf(t, telling);
  const empty = createHash('sha256').digest('hex').slice(0, 16);
  assert.match((await asked(clientOf(t), { url, method: 'POST' })).text, /^POST 0 {2}/);
  const { text } = await asked(clientOf(t), { url, method: 'PUT', content: streamed(new Uint8Array()) });
  assert.equal(text, `PUT 0 x/y ${empty}`);
});

for (const status of [401, 413, 429])
  test(`a server that answers ${status} before it has read what is sent is heard`, async t => {
    let came = 0;
    // As servers and proxies do: the answer is whole, and the connection lingers before it is ended.
    const url = await serverOf(t, (request, response) => {
      request.once('data', (chunk: Buffer) => {
        came += chunk.length;
        request.pause();
        response.writeHead(status, { 'content-length': 2 }).write('no');
        setTimeout(() => request.socket.destroy(), 50).unref();
      });
    });
    const client = clientOf(t);
    for (let count = 0; count < 3; count++)
      assert.deepEqual(await asked(client, { url, method: 'PUT', content: huge }), { status, text: 'no' });
    assert.ok(came < MiB);
  });

for (const headers of [{}, { connection: 'close' }])
  test(`an answer that comes early, with ${JSON.stringify(headers)}, makes room for the next request`, async t => {
    const url = await serverOf(t, (request, response) => {
      if (request.method === 'GET') response.end('here');
      else
        request.once('data', () => {
          request.pause();
          response.writeHead(413, { 'content-length': 2, ...headers }).write('no');
        });
    });
    const client = new HttpClient('oci://r.io/a', { patienceMs: 2000, connections: 1, environment: {} });
    t.after(() => client.close());
    for (let count = 0; count < 3; count++) {
      assert.equal((await asked(client, { url, method: 'PUT', content: huge })).status, 413);
      assert.equal((await asked(client, { url })).text, 'here');
    }
  });

test('an answer after which the server wants to end makes room for the next request', async t => {
  const url = await serverOf(t, (request, response) => {
    // It says so, and leaves it to others.
    request.socket.end = () => request.socket;
    request.socket.destroySoon = () => {};
    response.writeHead(200, { connection: 'close', 'content-length': 2 }).end('ok');
  });
  const client = new HttpClient('oci://r.io/a', { patienceMs: 2000, connections: 1, environment: {} });
  t.after(() => client.close());
  for (let count = 0; count < 3; count++) assert.equal((await asked(client, { url })).text, 'ok');
});

test('one that refuses and hangs up at once is heard where it is asked first', async t => {
  const url = await serverOf(t, (_, response) => response.end());
  const server = http.createServer();
  t.after(() => server.close());
  server.on('checkContinue', (_, response: ServerResponse) => {
    response.writeHead(413, { connection: 'close' }).end('no');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const strict = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const put = { method: 'PUT', content: huge, asksFirst: true } as const;
  for (let count = 0; count < 3; count++)
    assert.deepEqual(await asked(clientOf(t), { url: strict, ...put }), { status: 413, text: 'no' });
  assert.equal((await asked(clientOf(t), { url, ...put })).status, 200);
});

test('a server that does not say that it may be sent is sent it after a while', async t => {
  const server = http.createServer();
  t.after(() => server.close());
  server.on('checkContinue', telling);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const client = clientOf(t);
  const { text } = await asked(client, { url, method: 'PUT', content: streamed(bytes), asksFirst: true });
  client.close();
  assert.equal(text, `PUT ${bytes.length} x/y ${digest}`);
});

test('what is slow to be read is waited for longer than the patience with a server', async t => {
  const url = await serverOf(t, telling);
  const content: Content = {
    type: 'x/y',
    size: 2,
    async *open() {
      yield Buffer.from('a');
      await pause(250);
      yield Buffer.from('b');
    },
  };
  assert.match((await asked(clientOf(t, 100), { url, method: 'PUT', content })).text, /^PUT 2 /);
});

test('a server that takes little at a time is waited for, and one that takes nothing is left', async t => {
  const slow = await serverOf(t, (request, response) => {
    request.on('data', () => {
      request.pause();
      setTimeout(() => request.resume(), 5);
    });
    request.on('end', () => response.end('all'));
  });
  const content = streamed(Buffer.alloc(16 * MiB));
  const started = performance.now();
  assert.equal((await asked(clientOf(t, 400), { url: slow, method: 'PUT', content })).text, 'all');
  assert.ok(performance.now() - started > 400);
  const stuck = await serverOf(t, request => void request.pause());
  await assert.rejects(
    asked(clientOf(t, 100), { url: stuck, method: 'PUT', content: streamed(Buffer.alloc(64 * MiB)) }),
    /did not answer for 0\.1 s after \d+ bytes were sent$/,
  );
});

test('who gives up while something is sent ends the reading too', async t => {
  let isClosed = false;
  const url = await serverOf(t, request => void request.pause());
  const giveUp = new AbortController();
  const content: Content = {
    type: 'x/y',
    size: 100,
    async *open(over) {
      try {
        yield Buffer.from('a');
        setImmediate(() => giveUp.abort(new Error('enough')));
        await new Promise((_, reject) => over.addEventListener('abort', () => reject(new Error('over'))));
      } finally {
        isClosed = true;
      }
    },
  };
  await assert.rejects(clientOf(t).ask({ url, method: 'PUT', content, signal: giveUp.signal }), /enough/);
  await new Promise(resolve => setImmediate(resolve));
  assert.ok(isClosed);
});

test('what cannot be read is told as it is, and the server never has all of it', async t => {
  let isWhole = false;
  const closed = Promise.withResolvers<void>();
  const url = await serverOf(t, request => {
    request.on('error', () => {});
    request.resume().on('end', () => (isWhole = true));
    request.on('close', () => closed.resolve());
  });
  const content: Content = {
    type: 'x/y',
    size: 10,
    async *open() {
      yield Buffer.from('a');
      throw failure('source_missing', { uri: 'file', problem: 'it is gone' });
    },
  };
  await assert.rejects(asked(clientOf(t), { url, method: 'PUT', content }), /it is gone/);
  await closed.promise;
  assert.ok(!isWhole);
});

for (const size of [4, 6])
  test(`5 bytes that were to be ${size} are not sent`, async t => {
    const url = await serverOf(t, telling);
    const content = streamed(Buffer.from('12345'), size);
    await assert.rejects(
      asked(clientOf(t), { url, method: 'PUT', content }),
      (error: unknown) => error instanceof AppError && error.code === 'internal',
    );
  });

test('what is sent follows no redirect; what is only asked does', async t => {
  const url = await serverOf(t, (request, response) => {
    if (request.url === '/') response.writeHead(307, { location: '/there' }).end();
    else telling(request, response);
  });
  const client = clientOf(t);
  assert.equal((await asked(client, { url, method: 'PUT', content: streamed(bytes) })).status, 307);
  assert.match((await asked(client, { url, method: 'POST' })).text, /^POST 0/);
});

test('a connection that ended while it waited is replaced, and little is sent anew', async t => {
  const used = new Set<unknown>();
  const url = await serverOf(t, (request, response) => {
    if (used.has(request.socket)) request.socket.destroy();
    else telling(request, response);
    used.add(request.socket);
  });
  const client = clientOf(t);
  for (let count = 0; count < 2; count++)
    assert.match(
      (await asked(client, { url, method: 'PUT', content: streamed(Buffer.from('x')) })).text,
      /^PUT 1/,
    );
  assert.equal(used.size, 2);
});
