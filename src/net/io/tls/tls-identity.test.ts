/** An identity that changes while a port is open. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { systemClock } from '#base';
import { folderOf, makeCertificate, writeCertificate } from '../../fixtures/certificates.ts';
import { ask, connected, type Secure, secure, secureDoor } from './fixtures/doors.ts';
import { TlsIdentity } from './tls-identity.ts';

async function until(met: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await met())) await new Promise(resolve => setTimeout(resolve, 5));
}

/** The common name of who answers. */
async function nameAt(t: TestContext, door: { readonly url: string }, ca: string): Promise<unknown> {
  const socket = await connected(t, door, { ca });
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN;
}

function said({ log }: Secure, message: string): number {
  return log.filter(line => line.message.startsWith(message)).length;
}

test('a new pair holds for new connections, and those that are open live on', async t => {
  const all = await secure(t);
  const { identity, authority, folder, files } = all;
  const ca = authority.certificate;
  const door = await secureDoor(t, identity);
  const before = await connected(t, door, { ca });
  const next = makeCertificate({ name: 'next', by: authority, days: 100 });
  writeFileSync(files.key, next.key);
  await until(() => said(all, 'certificate not replaced') > 0);
  assert.equal(await nameAt(t, door, ca), 'server', 'half of a pair was taken');
  writeCertificate(folder, next, 'server');
  await until(() => said(all, 'certificate replaced') > 0);
  assert.equal(await nameAt(t, door, ca), 'next');
  assert.equal(Math.round((identity.expirySeconds * 1000 - Date.now()) / (24 * 3_600_000)), 100);
  before.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(String(await once(before, 'data')), /200 OK/);
});

test('a secret whose links are swapped as a whole is followed, as Kubernetes swaps them', async t => {
  const folder = folderOf(t);
  const authority = makeCertificate({ name: 'authority' });
  const put = (name: string): void => {
    mkdirSync(join(folder, name));
    writeCertificate(join(folder, name), makeCertificate({ name, by: authority }), 'tls');
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  put('first');
  for (const file of ['tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(folder, file));
  const logger = { enabled: () => false, log: () => undefined };
  const files = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
  const identity = await TlsIdentity.open(files, { clock: systemClock, logger, everyMs: 10 });
  t.after(() => identity.close());
  const door = await secureDoor(t, identity);
  put('second');
  await until(async () => (await nameAt(t, door, authority.certificate)) === 'second');
});

test('what is wrong is said once, the last good pair stays, and a good one is taken again', async t => {
  const all = await secure(t);
  const { identity, authority, folder, files } = all;
  const door = await secureDoor(t, identity);
  const looks: (() => void)[] = [
    () => writeFileSync(files.certificate, 'garbage'),
    () => rmSync(files.key),
    () => void writeCertificate(folder, makeCertificate({ name: 'old', days: -1 }), 'server'),
  ];
  for (const [at, breaks] of looks.entries()) {
    breaks();
    await until(() => said(all, 'certificate not replaced') === at + 1);
    assert.equal(await nameAt(t, door, authority.certificate), 'server');
  }
  await new Promise(resolve => setTimeout(resolve, 50));
  assert.equal(said(all, 'certificate not replaced'), looks.length, 'the same was said again');
  writeCertificate(folder, makeCertificate({ name: 'good', by: authority }), 'server');
  await until(() => said(all, 'certificate replaced') > 0);
  assert.equal(await nameAt(t, door, authority.certificate), 'good');
});

test('the authority of clients changes too, and a session of before does not get in by its ticket', async t => {
  const all = await secure(t, { mutual: true });
  const { identity, authority, folder } = all;
  const ca = authority.certificate;
  const door = await secureDoor(t, identity);
  const { certificate: cert, key } = makeCertificate({ name: 'client', by: authority });
  const first = await connected(t, door, { ca, cert, key });
  const ticket = once(first, 'session') as Promise<[Buffer]>;
  first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const [session] = await ticket;
  assert.equal(await ask(door, { ca, cert, key, session }), 'ok');
  writeCertificate(folder, makeCertificate({ name: 'authority' }));
  await until(() => said(all, 'certificate replaced') > 0);
  await assert.rejects(ask(door, { ca, cert, key }));
  await assert.rejects(ask(door, { ca, cert, key, session }));
});

test('handshakes that are under way while the pair changes again and again all end well', async t => {
  const all = await secure(t);
  const { identity, authority, folder } = all;
  const door = await secureDoor(t, identity);
  const names = ['one', 'two', 'three', 'four'];
  const pairs = names.map(name => makeCertificate({ name, by: authority }));
  for (const pair of pairs) {
    writeCertificate(folder, pair, 'server');
    const taken = said(all, 'certificate replaced');
    const asked: Promise<string>[] = [];
    while (said(all, 'certificate replaced') === taken || asked.length < 20) {
      asked.push(ask(door, { ca: authority.certificate }));
      await new Promise(resolve => setImmediate(resolve));
    }
    assert.deepEqual(new Set(await Promise.all(asked)), new Set(['ok']));
  }
});

test('a certificate that ends soon is told of at once, and once a day', async t => {
  const { log } = await secure(t, { days: 10 });
  await new Promise(resolve => setTimeout(resolve, 50));
  const words = log.filter(({ message }) => message === 'the certificate expires soon');
  assert.equal(words.length, 1);
  assert.equal(words[0]?.level, 'warn');
  assert.equal(words[0]?.facts?.['days_left'], 9);
});

test('other files may be named; bad ones change nothing', async t => {
  const { identity, authority, folder } = await secure(t);
  const door = await secureDoor(t, identity);
  await assert.rejects(identity.use({ certificate: '/nowhere', key: '/nowhere' }), { code: 'tls_unusable' });
  assert.equal(await nameAt(t, door, authority.certificate), 'server');
  await identity.use(writeCertificate(folder, makeCertificate({ name: 'elsewhere', by: authority })));
  assert.equal(await nameAt(t, door, authority.certificate), 'elsewhere');
});
