/** gRPC over TLS, with clients that others wrote. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectH2 } from 'node:http2';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import { ChannelCredentials, Client, status } from '@grpc/grpc-js';
import { makeCertificate } from '../../fixtures/certificates.ts';
import { CountedBudget } from '../../rpc/fixtures/budget.ts';
import { ask, echo, LIMITS } from '../rpc/fixtures/door.ts';
import { RpcDoor } from '../rpc-door.ts';
import { connected, portOf, type Secure, secure } from './fixtures/doors.ts';

async function open(t: TestContext, { identity }: Secure, handshakeMs = 60_000): Promise<RpcDoor> {
  const budget = new CountedBudget();
  const limits = { ...LIMITS, handshakeMs };
  const door = await RpcDoor.open({ host: '127.0.0.1', port: 0, limits, budget, tls: identity });
  door.serve(echo);
  t.after(() => door.close(0));
  return door;
}

function client(t: TestContext, door: RpcDoor, credentials: ChannelCredentials): Client {
  const made = new Client(`localhost:${portOf(door)}`, credentials, { 'grpc.use_local_subchannel_pool': 1 });
  t.after(() => made.close());
  return made;
}

test('a call is answered over TLS, small and large', async t => {
  const all = await secure(t);
  const door = await open(t, all);
  assert.match(door.url, /^https:/);
  const trusting = client(t, door, ChannelCredentials.createSsl(Buffer.from(all.authority.certificate)));
  for (const size of [0, 1, 3_000_000]) {
    const message = Buffer.alloc(size, 'x');
    assert.deepEqual(await ask(trusting, message), message);
  }
  const doubting = client(t, door, ChannelCredentials.createSsl());
  await assert.rejects(ask(doubting, Buffer.alloc(1)), { code: status.UNAVAILABLE });
  const plain = client(t, door, ChannelCredentials.createInsecure());
  await assert.rejects(ask(plain, Buffer.alloc(1)), { code: status.UNAVAILABLE });
});

test('with an authority for clients, only whom it signed may call', async t => {
  const all = await secure(t, { mutual: true });
  const door = await open(t, all);
  const root = Buffer.from(all.authority.certificate);
  const calling = ({ certificate, key }: { certificate: string; key: string }): Client =>
    client(t, door, ChannelCredentials.createSsl(root, Buffer.from(key), Buffer.from(certificate)));
  const known = calling(makeCertificate({ name: 'client', by: all.authority }));
  assert.equal((await ask(known, Buffer.from('hello'))).toString(), 'hello');
  const foreign = calling(makeCertificate({ name: 'foreign' }));
  await assert.rejects(ask(foreign, Buffer.alloc(1)), { code: status.UNAVAILABLE });
  const nobody = client(t, door, ChannelCredentials.createSsl(root));
  await assert.rejects(ask(nobody, Buffer.alloc(1)), { code: status.UNAVAILABLE });
});

test('what is no HTTP/2 is told so, and what asks for another protocol is refused', async t => {
  const all = await secure(t);
  const door = await open(t, all);
  const ca = all.authority.certificate;
  await assert.rejects(connected(t, door, { ca, ALPNProtocols: ['http/1.1'] }), /no application protocol/);
  const socket = await connected(t, door, { ca });
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(String(await once(socket, 'data')), /400 Bad Request[^]*this port speaks gRPC/);
});

test('a handshake of TLS has its time, and so has the greeting after it', async t => {
  const all = await secure(t);
  const door = await open(t, all, 100);
  const begun = connect(portOf(door), '127.0.0.1');
  begun.on('error', () => undefined).write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
  const mute = await connected(t, door, { ca: all.authority.certificate, ALPNProtocols: ['h2'] });
  mute.resume();
  await Promise.all([begun, mute].map(socket => new Promise(resolve => socket.once('close', resolve))));
});

test('leaving tells clients to go, and closing waits for nobody who only shook hands', async t => {
  const all = await secure(t);
  const door = await open(t, all);
  const session = connectH2(door.url, { ca: all.authority.certificate, servername: 'localhost' });
  await once(session, 'remoteSettings');
  const left = once(session, 'goaway');
  const begun = connect(portOf(door), '127.0.0.1').on('error', () => undefined);
  await once(begun, 'connect');
  await door.close(10_000);
  await left;
  session.destroy();
});

test('a silent client with a call is pinged and ended over TLS too: what it sends is counted', async t => {
  const all = await secure(t);
  const budget = new CountedBudget();
  const limits = { ...LIMITS, silentMs: 200, messageMs: 200 };
  const door = await RpcDoor.open({ host: '127.0.0.1', port: 0, limits, budget, tls: all.identity });
  door.serve(echo);
  t.after(() => door.close(0));
  const session = connectH2(door.url, { ca: all.authority.certificate, servername: 'localhost' });
  t.after(() => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': '/test.Echo/Call',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  stream.write(Buffer.from([0, 0, 0, 0, 1]));
  await once(stream, 'close');
  assert.equal(door.owed, 0);
});
