import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { postJson, postUntilAnswered } from './post.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('an answer has its status and its body', async t => {
  const url = await serve(t, (request, response) => request.pipe(response.writeHead(201)));
  assert.deepEqual(await postJson(url, '[1]'), { status: 201, body: '[1]' });
});

test('a server that is not ready yet is asked again until it is', async t => {
  let asked = 0;
  const url = await serve(t, (_, response) => response.writeHead(++asked < 3 ? 503 : 200).end(String(asked)));
  assert.deepEqual(await postUntilAnswered(url, ''), { status: 200, body: '3' });
});

test('a server that never becomes ready is an error that says what it answered last', async t => {
  const url = await serve(t, (_, response) => response.writeHead(503).end('warming up'));
  await assert.rejects(postUntilAnswered(url, '', 50), /status 503: warming up/);
});
