/** The door over TLS: who comes in, and what a client can hold on to before and after its handshake. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { makeCertificate } from '../../fixtures/certificates.ts';
import { ask, connected, portOf, secure, secureDoor } from './fixtures/doors.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** Bytes on a bare connection, and all that comes back until it is closed. */
function bare(t: TestContext, door: { readonly url: string }, bytes: Buffer | string): Promise<Buffer> {
  const socket = connect(portOf(door), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(bytes);
  return rest(socket);
}

function rest(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', chunk => chunks.push(chunk));
  socket.on('error', () => undefined);
  return new Promise(resolve => socket.once('close', () => resolve(Buffer.concat(chunks))));
}

/** The first bytes of a handshake: a record of TLS whose rest does not come. */
const BEGUN = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);

test('an answer comes over TLS 1.2 and 1.3, to who trusts its authority', async t => {
  const { identity, authority } = await secure(t);
  const door = await secureDoor(t, identity);
  assert.match(door.url, /^https:/);
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    assert.equal(
      await ask(door, { ca: authority.certificate, minVersion: version, maxVersion: version }),
      'ok',
    );
  await assert.rejects(ask(door, {}), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
});

test('TLS 1.1 and HTTP/2 are refused in the handshake', async t => {
  const { identity, authority } = await secure(t);
  const door = await secureDoor(t, identity);
  const ca = authority.certificate;
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  await assert.rejects(ask(door, { ca, ...old }), /protocol version/);
  await assert.rejects(connected(t, door, { ca, ALPNProtocols: ['h2'] }), /no application protocol/);
});

test('with an authority for clients, only whom it signed comes in', async t => {
  const { identity, authority } = await secure(t, { mutual: true });
  const door = await secureDoor(t, identity);
  const ca = authority.certificate;
  const client = makeCertificate({ name: 'client', by: authority });
  assert.equal(await ask(door, { ca, cert: client.certificate, key: client.key }), 'ok');
  const others = {
    none: {},
    foreign: makeCertificate({ name: 'foreign' }),
    expired: makeCertificate({ name: 'expired', by: authority, days: -1 }),
    'of its own making': makeCertificate({ name: 'authority' }),
  };
  for (const [name, other] of Object.entries(others)) {
    const own = 'key' in other ? { cert: other.certificate, key: other.key } : {};
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const)
      await assert.rejects(ask(door, { ca, maxVersion, ...own }), `${name} ${maxVersion}`);
  }
  assert.equal(door.taken, 1, 'the others got as far as to a request');
});

test('plain HTTP and garbage on a port of TLS are closed at once, and others are served', async t => {
  const { identity, authority } = await secure(t);
  const door = await secureDoor(t, identity, { headersMs: 60_000 });
  const junk = [GET, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', Buffer.alloc(4096, 0xa5)];
  for (const bytes of junk) {
    const answer = await bare(t, door, bytes);
    assert.doesNotMatch(answer.toString('latin1'), /HTTP/);
  }
  assert.equal(await ask(door, { ca: authority.certificate }), 'ok');
});

test('names that a client asks for, however odd, change nothing', async t => {
  const { identity, authority } = await secure(t);
  const door = await secureDoor(t, identity);
  for (const servername of ['', 'x'.repeat(255), '..', 'a\0b', '../../etc/passwd', 'ä.example']) {
    const checkServerIdentity = (): undefined => undefined;
    const options = { ca: authority.certificate, servername, checkServerIdentity };
    const socket = await connected(t, door, options).catch(() => undefined);
    socket?.destroy();
  }
  assert.equal(await ask(door, { ca: authority.certificate }), 'ok');
});

test('a handshake has its time, however its bytes dribble in', async t => {
  const { identity } = await secure(t);
  const door = await secureDoor(t, identity, { headersMs: 300 });
  const began = performance.now();
  const socket = connect(portOf(door), '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write(BEGUN);
  const dribble = setInterval(() => socket.write(Buffer.from([0])), 20);
  t.after(() => clearInterval(dribble));
  const silent = connect(portOf(door), '127.0.0.1');
  await Promise.all([rest(socket), rest(silent)]);
  assert.ok(performance.now() - began >= 250, 'it was closed for another reason');
});

test('clients that only begin a handshake keep nobody out', async t => {
  const { identity, authority } = await secure(t);
  const door = await secureDoor(t, identity, { headersMs: 60_000 });
  const sockets = Array.from({ length: 1200 }, () => connect(portOf(door), '127.0.0.1'));
  for (const socket of sockets) socket.on('error', () => undefined).write(BEGUN);
  const ended = sockets.slice(0, 100).map(rest);
  assert.equal(await ask(door, { ca: authority.certificate }), 'ok');
  await Promise.all(ended);
  for (const socket of sockets) socket.destroy();
});

test('idle connections leave room for others', async t => {
  const { identity, authority } = await secure(t);
  const door = await secureDoor(t, identity, { connections: 50 });
  const ca = authority.certificate;
  for (let at = 0; at < 100; at++) await connected(t, door, { ca });
  assert.equal(await ask(door, { ca }), 'ok');
  assert.equal(door.taken, 101);
});

test('a client that asks to negotiate anew is refused', async t => {
  const { identity, authority } = await secure(t);
  const door = await secureDoor(t, identity);
  const options = { ca: authority.certificate, maxVersion: 'TLSv1.2' } as const;
  const socket = await connected(t, door, options);
  const error = await new Promise(resolve => {
    socket.once('error', resolve);
    socket.renegotiate({ rejectUnauthorized: false }, resolve);
  });
  assert.match(String(error), /no renegotiation|renegotiation/i);
  assert.equal(await ask(door, { ca: authority.certificate }), 'ok');
});

test('a client that takes nothing of its answer, or too slowly, is cut off over TLS too', async t => {
  const { identity, authority } = await secure(t);
  const answer = (response: ServerResponse): void => void response.end(Buffer.alloc(50_000_000));
  const door = await secureDoor(t, identity, { silentMs: 200, answer });
  const socket = await connected(t, door, { ca: authority.certificate });
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(GET);
  while (door.owed === 0) await new Promise(resolve => setImmediate(resolve));
  while (door.owed > 0) await new Promise(resolve => setTimeout(resolve, 5));
});

test('a request that does not arrive is answered why, over TLS too', async t => {
  const { identity, authority } = await secure(t);
  const door = await secureDoor(t, identity, { headersMs: 100, requestMs: 100 });
  const socket = await connected(t, door, { ca: authority.certificate });
  socket.write('GET / HTTP/1.1\r\nHos');
  assert.match((await rest(socket)).toString(), /^HTTP\/1\.1 408 /);
});

test('closing answers what is owed, and ends handshakes that are under way', async t => {
  const { identity, authority } = await secure(t);
  const came = Promise.withResolvers<() => void>();
  const answer = (response: ServerResponse): void => came.resolve(() => void response.end('late'));
  const door = await secureDoor(t, identity, { headersMs: 60_000, answer });
  const begun = bare(t, door, BEGUN);
  const text = ask(door, { ca: authority.certificate });
  const finish = await came.promise;
  const closed = door.close(10_000);
  finish();
  assert.match(await text, /late$/);
  await Promise.all([closed, begun]);
});
