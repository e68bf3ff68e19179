import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import { type Answering, type DoorLimits, HttpDoor } from './http-door.ts';

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

/** Words a refusal as its code. */
function refusing(response: ServerResponse): Answering {
  return {
    refuse: ({ status, code }) =>
      void response.writeHead(status, { 'Content-Length': code.length }).end(code),
    closed: () => undefined,
  };
}

function answering(answer: (response: ServerResponse) => unknown) {
  return (_: IncomingMessage, response: ServerResponse): Answering => {
    answer(response);
    return refusing(response);
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
      return refusing(response);
    });
    const text = await exchange(door, `${get}${bytes}`, ends);
    assert.match(text, new RegExp(`^HTTP/1\\.1 200 OK[^]*first[^]*HTTP/1\\.1 4\\d\\d [^]*${code}$`));
  });
}

test('a client that sends all of its body before it reads has its refusal, though the connection ends', async t => {
  const door = await open(t);
  door.serve(answering(response => response.writeHead(413, { 'Content-Length': 2 }).end('no')));
  const body = Buffer.alloc(8_000_000);
  for (const head of [
    `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
    `POST / HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n`,
    `POST / HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: ${body.length}\r\n\r\n`,
  ])
    assert.match(
      await sendingFirst(door, Buffer.concat([Buffer.from(head), body])),
      /^HTTP\/1\.1 4(?:13|00) /,
    );
});

test('a client that sends all of a flood before it reads has its refusal', async t => {
  const door = await open(t);
  door.serve(answering(response => response.end('ok')));
  const flood = `GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(1_000_000)}`;
  assert.match(await sendingFirst(door, Buffer.from(flood)), /^HTTP\/1\.1 431 /);
});

/** Reads only when all was sent, as a blocking client does. */
function sendingFirst(door: HttpDoor, bytes: Buffer): Promise<string> {
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', chunk => (text += chunk.toString('latin1')));
  socket.on('error', error => (text ||= error.message));
  socket.pause();
  socket.write(bytes, error => {
    if (error) text = `not sent: ${error.message}`;
    socket.resume();
  });
  return new Promise(resolve => socket.once('close', () => resolve(text)));
}

test('a request that was answered and never ends is not answered again', async t => {
  const door = await open(t, { requestMs: 300 });
  door.serve(answering(response => response.end('no')));
  const text = await exchange(door, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf');
  assert.equal(text.split('HTTP/1.1').length, 2, text);
});

test('garbage without end after a refusal is dropped, and then the connection', async t => {
  const door = await open(t);
  door.serve(answering(response => response.end('ok')));
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', chunk => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const more = (): void => void socket.write('\x01'.repeat(10_000), error => error ?? setImmediate(more));
  more();
  await new Promise(resolve => socket.once('close', resolve));
  assert.match(text, /^HTTP\/1\.1 400 /);
  assert.equal(text.split('HTTP/1.1').length, 2);
});

test('requests that were pipelined are all answered when the door closes, and only the last ends it', async t => {
  const door = await open(t);
  const answers: ServerResponse[] = [];
  const came = Promise.withResolvers<void>();
  door.serve(
    answering(response => {
      if (answers.push(response) === 3) came.resolve();
    }),
  );
  const text = exchange(door, get.repeat(3));
  await came.promise;
  const closed = door.close(10_000);
  for (const response of answers) response.end('one');
  assert.equal((await text).match(/one/g)?.length, 3, await text);
  assert.equal((await text).match(/Connection: close/g)?.length, 1);
  await closed;
});

test('what is pipelined while the door closes is answered too, if nothing had ended the connection', async t => {
  const door = await open(t);
  const answers: ServerResponse[] = [];
  let came = Promise.withResolvers<void>();
  door.serve(answering(response => (answers.push(response), came.resolve())));
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', chunk => (text += chunk.toString('latin1')));
  const ended = new Promise(resolve => socket.once('close', resolve));
  socket.write(get);
  await came.promise;
  door.leave();
  came = Promise.withResolvers<void>();
  socket.write(get);
  await came.promise;
  for (const response of answers) response.end('one');
  await ended;
  assert.equal(text.match(/one/g)?.length, 2, text);
});

test('nothing that follows an answer which ends its connection is acted upon', async t => {
  const door = await open(t);
  let came = 0;
  door.serve(
    answering(response => {
      came++;
      response.shouldKeepAlive = false;
      setImmediate(() => response.end('last'));
    }),
  );
  assert.match(await exchange(door, get.repeat(3)), /Connection: close[^]*last$/);
  assert.equal(came, 1);
});

test('over the limit of connections a new one takes the place of an idle one, and never of one that is owed', async t => {
  const door = await open(t, { connections: 3 });
  const slow = Promise.withResolvers<ServerResponse>();
  door.serve((request, response) => {
    if (request.url === '/slow') slow.resolve(response);
    else response.end('ok');
    return refusing(response);
  });
  const text = exchange(door, get.replace('/', '/slow').replace('Host', 'Connection: close\r\nHost'));
  const response = await slow.promise;
  for (let clients = 0; clients < 20; clients++) {
    const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    const answered = new Promise<string>(resolve => socket.once('data', chunk => resolve(chunk.toString())));
    socket.write(get);
    assert.match(await answered, /^HTTP\/1\.1 200 /);
  }
  response.end('late');
  assert.match(await text, /late$/);
});

test('when every connection is owed an answer, a new one is closed as it comes', async t => {
  const door = await open(t, { connections: 1 });
  const came = Promise.withResolvers<ServerResponse>();
  door.serve(answering(response => came.resolve(response)));
  const first = exchange(door, get.replace('Host', 'Connection: close\r\nHost'));
  const response = await came.promise;
  assert.equal(await exchange(door, get), '');
  response.end('ok');
  assert.match(await first, /ok$/);
});

test('a client that takes its answer by drops is cut off', async t => {
  const door = await open(t, { silentMs: 1000, bytesPerSecond: 1e9 });
  const came = Promise.withResolvers<void>();
  door.serve(answering(response => came.resolve(void response.end(Buffer.alloc(150_000_000)))));
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  const drops = setInterval(() => socket.read(65_536), 5);
  t.after(() => {
    clearInterval(drops);
    socket.destroy();
  });
  socket.on('readable', () => undefined);
  socket.on('error', () => undefined);
  socket.write(get);
  await came.promise;
  const gone = Promise.withResolvers<void>();
  const poll = setInterval(() => door.owed === 0 && gone.resolve(), 10);
  await gone.promise;
  clearInterval(poll);
  assert(socket.bytesRead < 100_000_000, `${socket.bytesRead} bytes were taken`);
});

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

test('a client that is refused a tunnel and then resets the connection ends nothing but that', async t => {
  const door = await open(t);
  door.serve(answering(response => response.end('well')));
  const socket = connect({ port: Number(new URL(door.url).port), host: '127.0.0.1' });
  socket.write('CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n');
  await new Promise(resolve => socket.once('data', resolve));
  socket.resetAndDestroy();
  for (let count = 0; count < 3; count++) assert.equal(await (await fetch(door.url)).text(), 'well');
});
