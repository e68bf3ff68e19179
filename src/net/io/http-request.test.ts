import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { type BodySink, HttpRequest } from './http-request.ts';

type Handle = (request: HttpRequest, response: ServerResponse) => void;

async function connected(t: TestContext, handle: Handle): Promise<Socket> {
  const server = createServer({ IncomingMessage: HttpRequest }, handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => {
    socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  return socket;
}

/** Keeps what it is told, and tells when it was told the last. */
class Kept implements BodySink {
  readonly told: string[] = [];
  readonly #done = Promise.withResolvers<readonly string[]>();
  readonly done = this.#done.promise;

  take(piece: Buffer): void {
    this.told.push(piece.toString());
  }

  end(): void {
    this.told.push('end');
    this.#done.resolve(this.told);
  }

  cut(cause: Error | null): void {
    this.told.push(`cut: ${cause?.message}`);
    this.#done.resolve(this.told);
  }
}

const post = (rest: string): string => `POST / HTTP/1.1\r\nHost: x\r\n${rest}`;

for (const { name, sent, told } of [
  { name: 'in one piece', sent: 'Content-Length: 4\r\n\r\nbody', told: ['body', 'end'] },
  { name: 'of nothing', sent: 'Content-Length: 0\r\n\r\n', told: ['end'] },
  {
    name: 'in chunks',
    sent: 'Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n',
    told: ['bo', 'dy', 'end'],
  },
])
  test(`a body ${name} is delivered, and the connection goes on`, async t => {
    const sinks = [new Kept(), new Kept()];
    let requests = 0;
    const socket = await connected(t, (request, response) => {
      const sink = sinks[requests++] as Kept;
      request.deliver(sink);
      void sink.done.then(() => response.end('answer'));
    });
    for (const sink of sinks) {
      socket.write(post(sent));
      assert.deepEqual(await sink.done, told);
      assert.match(String(await once(socket, 'data')), /200 OK/);
    }
  });

test('a body that comes bit by bit is delivered as it comes', async t => {
  const sink = new Kept();
  const came = Promise.withResolvers<void>();
  const socket = await connected(t, (request, response) => {
    request.deliver(sink);
    came.resolve();
    void sink.done.then(() => response.end());
  });
  socket.write(post('Content-Length: 4\r\n\r\n'));
  await came.promise;
  socket.write('b');
  while (sink.told.length === 0) await new Promise(resolve => setImmediate(resolve));
  socket.write('ody');
  assert.deepEqual(await sink.done, ['b', 'ody', 'end']);
});

test('a client that leaves cuts its body off, once', async t => {
  const sink = new Kept();
  const came = Promise.withResolvers<HttpRequest>();
  const socket = await connected(t, request => {
    request.deliver(sink);
    came.resolve(request);
  });
  socket.write(post('Content-Length: 4\r\n\r\nbo'));
  const request = await came.promise;
  socket.destroy();
  assert.deepEqual(await sink.done, ['bo', 'cut: aborted']);
  request.destroy();
  assert.equal(sink.told.length, 2);
});

test('what still comes of a body that is forgone is left to the stream', async t => {
  const sink = new Kept();
  const came = Promise.withResolvers<HttpRequest>();
  const socket = await connected(t, request => {
    request.deliver(sink);
    came.resolve(request);
  });
  socket.write(post('Content-Length: 4\r\n\r\n'));
  const request = await came.promise;
  request.forgo();
  socket.write('body');
  assert.equal(String(await once(request, 'data')), 'body');
  request.resume();
  await once(request, 'end');
  assert.deepEqual(sink.told, []);
});

test('a body that nobody asked to have delivered is a stream', async t => {
  const came = Promise.withResolvers<HttpRequest>();
  const socket = await connected(t, request => came.resolve(request));
  socket.write(post('Content-Length: 4\r\n\r\nbody'));
  const request = await came.promise;
  assert.equal(String(await once(request, 'data')), 'body');
});

test('an answered request whose body was delivered is not held until the next', async t => {
  const sink = new Kept();
  const came = Promise.withResolvers<HttpRequest>();
  const socket = await connected(t, (request, response) => {
    request.deliver(sink);
    came.resolve(request);
    void sink.done.then(() => response.end());
  });
  socket.write(post('Content-Length: 4\r\n\r\nbody'));
  const request = await came.promise;
  await once(socket, 'data');
  assert.equal(request.readableEnded, true);
  assert.equal(request.listenerCount('end'), 0, 'node:http waits for no end');
});

for (const [name, sent, told] of [
  ['in one piece', 'Content-Length: 4\r\n\r\nbody', 'body'],
  ['of nothing', 'Content-Length: 0\r\n\r\n', ''],
  ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n', 'body'],
] as const)
  test(`a body ${name} that came before it was asked for is delivered, and the connection goes on`, async t => {
    const sinks = [new Kept(), new Kept()];
    let requests = 0;
    const socket = await connected(t, (request, response) => {
      const sink = sinks[requests++] as Kept;
      setTimeout(() => request.deliver(sink), 20);
      void sink.done.then(() => response.end('answer'));
    });
    socket.write(post(sent) + post(sent));
    for (const sink of sinks) {
      const all = await sink.done;
      assert.deepEqual([all.slice(0, -1).join(''), all.at(-1)], [told, 'end']);
    }
  });

test('a body of which half came before it was asked for is delivered whole, in its order', async t => {
  const sink = new Kept();
  const asked = Promise.withResolvers<void>();
  const socket = await connected(t, (request, response) => {
    setTimeout(() => {
      request.deliver(sink);
      asked.resolve();
    }, 20);
    void sink.done.then(() => response.end('answer'));
  });
  socket.write(post(`Content-Length: 200000\r\n\r\n${'a'.repeat(100_000)}`));
  await asked.promise;
  socket.write('b'.repeat(100_000));
  assert.equal((await sink.done).join(''), `${'a'.repeat(100_000)}${'b'.repeat(100_000)}end`);
});

test('a body that is asked for late and is cut off is told of', async t => {
  const sink = new Kept();
  const asked = Promise.withResolvers<void>();
  const socket = await connected(t, request => {
    setTimeout(() => {
      request.deliver(sink);
      asked.resolve();
    }, 20);
  });
  socket.write(post('Content-Length: 10\r\n\r\nhalf'));
  await asked.promise;
  socket.destroy();
  assert.match((await sink.done).at(-1) ?? '', /^cut/);
});

test('who forgoes a body that is asked for late hears no more of it', async t => {
  const sink = new Kept();
  const asked = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const socket = await connected(t, request => {
    setTimeout(() => {
      request.deliver(sink);
      request.forgo();
      request.once('end', () => ended.resolve());
      asked.resolve();
    }, 20);
  });
  socket.write(post('Content-Length: 8\r\n\r\nhalf'));
  await asked.promise;
  socket.write('rest');
  await ended.promise;
  assert.deepEqual(sink.told, []);
});
