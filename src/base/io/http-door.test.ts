import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import type { AppError } from '../errors.ts';
import { type DoorLimits, HttpDoor } from './http-door.ts';

const limits: DoorLimits = { headersMs: 1000, requestMs: 1000, idleMs: 60_000, silentMs: 60_000 };

async function open(t: TestContext, changes: Partial<DoorLimits> = {}): Promise<HttpDoor> {
  const door = await HttpDoor.open({ host: '127.0.0.1', port: 0, limits: { ...limits, ...changes } });
  t.after(() => door.close(0));
  return door;
}

/** Sends bytes; resolves with all that came back once the connection is closed. */
function exchange(door: HttpDoor, bytes: string, ends = false): Promise<string> {
  const socket = connect({ port: Number(new URL(door.url).port), host: '127.0.0.1', allowHalfOpen: true });
  let text = '';
  socket.on('end', () => socket.end());
  socket.on('data', chunk => (text += chunk.toString('latin1')));
  socket.write(bytes, 'latin1', () => ends && socket.end());
  return new Promise(resolve => {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(text));
  });
}

/** A handler that answers, and words a refusal as its code. */
function answering(answer: (response: ServerResponse) => unknown) {
  return (_: IncomingMessage, response: ServerResponse) => {
    answer(response);
    return (error: AppError): void =>
      void response.writeHead(error.status, { 'Content-Length': error.code.length }).end(error.code);
  };
}

const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

test('a port in use and an address that is elsewhere are told apart', async t => {
  const { url } = await open(t);
  const taken = HttpDoor.open({ host: '127.0.0.1', port: Number(new URL(url).port), limits });
  await assert.rejects(taken, { code: 'port_taken' });
  await assert.rejects(HttpDoor.open({ host: '192.0.2.1', port: 0, limits }), { code: 'listen_failed' });
});

test('closing waits for answers that are owed, and then ends their connections', async t => {
  const door = await open(t);
  const answer = Promise.withResolvers<() => void>();
  door.serve(answering(response => answer.resolve(() => response.end('late'))));
  const text = exchange(door, get);
  const finish = await answer.promise;
  assert.equal(door.owed, 1);
  const closed = door.close(10_000);
  await assert.rejects(fetch(door.url), 'nobody new is let in');
  finish();
  assert.match(await text, /Connection: close[^]*late$/);
  await closed;
});

test('closing ends idle connections at once', async t => {
  const door = await open(t);
  door.serve(answering(response => response.end('ok')));
  const answered = Promise.withResolvers<void>();
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  socket.once('data', () => answered.resolve());
  const ended = new Promise(resolve => socket.once('close', resolve));
  socket.write(get);
  await answered.promise;
  await door.close(10_000);
  await ended;
});

test('closing ends what is still owed when its time is over', async t => {
  const door = await open(t);
  const came = Promise.withResolvers<void>();
  door.serve(answering(() => came.resolve()));
  const text = exchange(door, get);
  await came.promise;
  await door.close(10);
  assert.equal(await text, '');
});

test('after leaving, every answer ends its connection', async t => {
  const door = await open(t);
  door.serve(answering(response => response.end('ok')));
  door.leave();
  assert.match(await exchange(door, get), /Connection: close[^]*ok$/);
});

test('a client that takes nothing of its answer is closed', async t => {
  const door = await open(t, { silentMs: 100 });
  const came = Promise.withResolvers<void>();
  door.serve(
    answering(response => {
      response.end(Buffer.alloc(50_000_000));
      came.resolve();
    }),
  );
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(get);
  socket.pause();
  await came.promise;
  const gone = Promise.withResolvers<void>();
  const poll = setInterval(() => door.owed === 0 && gone.resolve(), 10);
  await gone.promise;
  clearInterval(poll);
});

for (const [name, bytes, says] of [
  ['no HTTP', '\x16\x03\x01\r\n\r\n', /^HTTP\/1\.1 400 Bad Request[^]*not a valid HTTP request/],
  [
    'half a request',
    'GET / HTTP/1.1\r\nHost',
    /^HTTP\/1\.1 408 Request Timeout[^]*did not arrive within 1 seconds/,
  ],
  ['endless headers', `GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(9000)}`, /^HTTP\/1\.1 431 /],
] as const) {
  test(`${name} is answered with a sentence and closed`, async t => {
    const door = await open(t);
    door.serve(answering(response => response.end('ok')));
    assert.match(await exchange(door, bytes), says);
  });
}

test('a fault after a good request does not take the place of its answer', async t => {
  const door = await open(t);
  door.serve(answering(response => setImmediate(() => response.end('good'))));
  const text = await exchange(door, `${get}\x01\r\n\r\n`);
  assert.match(text, /^HTTP\/1\.1 200 OK[^]*good$/);
});

const half = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhello';
for (const [name, bytes, ends, code] of [
  ['a body that stops', half, false, 'body_too_slow'],
  ['a body that is cut', half, true, 'body_cut'],
  [
    'a broken chunk',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    false,
    'http_malformed',
  ],
] as const) {
  test(`${name} is refused by whoever took the request, after the answers before it`, async t => {
    const door = await open(t);
    door.serve((request, response) => {
      if (request.method === 'GET') setImmediate(() => response.end('first'));
      return error =>
        void response.writeHead(error.status, { 'Content-Length': error.code.length }).end(error.code);
    });
    const text = await exchange(door, `${get}${bytes}`, ends);
    assert.match(text, new RegExp(`^HTTP/1\\.1 200 OK[^]*first[^]*HTTP/1\\.1 4\\d\\d [^]*${code}$`));
  });
}

test('what idle connections send in the moment of closing is answered', async t => {
  const door = await open(t);
  door.serve(answering(response => response.end('ok')));
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  let text = '';
  const answered = Promise.withResolvers<void>();
  socket.on('data', chunk => {
    text += chunk.toString();
    answered.resolve();
  });
  const ended = new Promise(resolve => socket.once('close', resolve));
  socket.write(get);
  await answered.promise;
  const closed = door.close(10_000);
  socket.write(get);
  await ended;
  await closed;
  assert.match(text, /ok[^]*Connection: close[^]*ok$/);
});
