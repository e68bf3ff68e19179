import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';
import { HttpClient } from './client.ts';

const SIZE = 3_000_000;
const bytes = randomBytes(SIZE);
const signal = (): AbortSignal => AbortSignal.timeout(20_000);

/** Answers every request on a connection with pieces, in order; ends it after the last where it is told to. */
async function clientOf(
  t: TestContext,
  pieces: readonly (string | Buffer)[],
  isEnded = false,
): Promise<{ ask: () => Promise<Buffer>; connections: () => number }> {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.setNoDelay(true).on('error', () => {});
    const answer = async (): Promise<void> => {
      for (const piece of pieces) await new Promise(resolve => socket.write(piece, resolve));
      if (isEnded) socket.end();
    };
    socket.on('data', () => void answer());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const client = new HttpClient(url, { patienceMs: 1000, connections: 1, environment: {} });
  t.after(() => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const ask = async (): Promise<Buffer> => {
    const { body } = await client.ask({ url, signal: signal() });
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  };
  return { ask, connections: () => sockets.size };
}

const head = (length: number, more = ''): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n${more}\r\n`;

const chunked = Buffer.concat([
  Buffer.from(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${SIZE.toString(16)}\r\n`),
  bytes,
  Buffer.from('\r\n0\r\n\r\n'),
]);

const whole: readonly { name: string; pieces: readonly (string | Buffer)[] }[] = [
  { name: 'a head and its bytes at once', pieces: [Buffer.concat([Buffer.from(head(SIZE)), bytes])] },
  { name: 'a head alone, and then its bytes', pieces: [head(SIZE), bytes] },
  { name: 'a head in two pieces', pieces: [head(SIZE).slice(0, -3), head(SIZE).slice(-3), bytes] },
  { name: 'hints before the head', pieces: ['HTTP/1.1 103 Early Hints\r\n\r\n', head(SIZE), bytes] },
  {
    name: 'bytes in pieces',
    pieces: [head(SIZE), bytes.subarray(0, 7), bytes.subarray(7, 2_000_000), bytes.subarray(2_000_000)],
  },
  { name: 'bytes without a length, in chunks', pieces: [chunked] },
];

for (const { name, pieces } of whole)
  test(`${name} are read as they are, and the connection is used again`, async t => {
    const { ask, connections } = await clientOf(t, pieces);
    for (let count = 0; count < 3; count++) assert.ok((await ask()).equals(bytes));
    assert.equal(connections(), 1);
  });

test('bytes behind what a head promised are nobody’s, and end the connection', async t => {
  const { ask, connections } = await clientOf(t, [
    head(SIZE),
    Buffer.concat([bytes, Buffer.from('HTTP/1.1')]),
  ]);
  for (let count = 0; count < 2; count++) assert.ok((await ask()).equals(bytes));
  assert.equal(connections(), 2);
});

test('an answer that is ended early is told', async t => {
  const { ask } = await clientOf(t, [head(SIZE + 1), bytes], true);
  await assert.rejects(ask(), /broke off after 3000000 bytes/);
});

test('a server that ends the connection after its answer has answered', async t => {
  const { ask, connections } = await clientOf(t, [head(SIZE, 'connection: close\r\n'), bytes], true);
  for (let count = 0; count < 2; count++) assert.ok((await ask()).equals(bytes));
  assert.equal(connections(), 2);
});

test('a server that goes silent behind its head is left', async t => {
  const client = await clientOf(t, [head(SIZE), bytes.subarray(0, 1_000_000)]);
  await assert.rejects(client.ask(), /sent nothing for 1 s after 1000000 bytes/);
});
