/** What browsers of other origins are told at the door. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import type { CorsPolicy } from '../cors.ts';
import { HttpDoor } from './http-door.ts';

const POLICY: CorsPolicy = { origins: ['https://app.example'], headers: [], maxAgeSeconds: 600 };

/** A door whose handler refuses everything, as one that asks for credentials does. */
async function refusing(t: TestContext, cors?: () => CorsPolicy | undefined): Promise<HttpDoor> {
  const limits = { headersMs: 1000, requestMs: 1000, idleMs: 60_000, silentMs: 60_000 };
  const door = await HttpDoor.open({ host: '127.0.0.1', port: 0, limits, cors });
  door.serve((request, response) => {
    const headers = ['Vary', 'Accept-Encoding', 'Content-Length', '0'];
    if (request.url === '/object') response.writeHead(401, { Vary: 'Accept-Encoding', 'Content-Length': 0 });
    else if (request.url === '/bare') response.statusCode = 401;
    else if (request.url === '/reason') response.writeHead(401, 'No', headers);
    else response.writeHead(401, headers);
    response.end();
    return { refuse: () => undefined, closed: () => undefined };
  });
  t.after(() => door.close(0));
  return door;
}

/** All that comes back for a request line and headers. */
function exchange({ url }: HttpDoor, line: string, ...headers: string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const lines = [`${line} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', ''];
  socket.write(lines.join('\r\n'));
  let text = '';
  socket.on('data', chunk => (text += String(chunk)));
  return new Promise(resolve => socket.once('close', () => resolve(text)));
}

const ORIGIN = 'Origin: https://app.example';
const WANTED = 'Access-Control-Request-Method: POST';

test('a preflight is answered at the door; any other OPTIONS goes on', async t => {
  const door = await refusing(t, () => POLICY);
  const told = await exchange(door, 'OPTIONS /predict', ORIGIN, WANTED);
  assert.match(told, /^HTTP\/1\.1 204 /);
  assert.match(told, /\r\nAccess-Control-Allow-Origin: https:\/\/app\.example\r\n/);
  assert.match(told, /\r\nAccess-Control-Allow-Methods: /);
  for (const headers of [[ORIGIN], [WANTED], ['Origin: https://other.example', WANTED]])
    assert.match(await exchange(door, 'OPTIONS /predict', ...headers), /^HTTP\/1\.1 401 /);
});

for (const path of ['/array', '/object', '/bare', '/reason']) {
  test(`a refusal can be read by the page that caused it: ${path}`, async t => {
    const door = await refusing(t, () => POLICY);
    const text = await exchange(door, `POST ${path}`, ORIGIN, 'Content-Length: 0');
    assert.match(text, /^HTTP\/1\.1 401 /);
    assert.match(text, /\r\nAccess-Control-Allow-Origin: https:\/\/app\.example\r\n/);
    assert.match(text, /\r\nVary: Origin\r\n/);
    if (path !== '/bare') assert.match(text, /\r\nVary: Accept-Encoding\r\n/);
  });
}

test("the door's own refusals can be read too", async t => {
  const door = await refusing(t, () => POLICY);
  const faulty = [
    await exchange(door, 'GET /#x', ORIGIN),
    await exchange(door, 'GET /', ORIGIN, 'Expect: x'),
  ];
  for (const text of faulty) assert.match(text, /^HTTP\/1\.1 4[^]*\r\nAccess-Control-Allow-Origin: /);
});

test('without a policy nothing is said of origins, and a policy may come and go', async t => {
  let policy: CorsPolicy | undefined;
  const doors = [await refusing(t), await refusing(t, () => policy)] as const;
  for (const door of doors) {
    for (const line of ['OPTIONS /', 'GET /object']) {
      const text = await exchange(door, line, ORIGIN, WANTED);
      assert.match(text, /^HTTP\/1\.1 401 /);
      assert.doesNotMatch(text, /access-control|vary: origin/i);
    }
  }
  policy = POLICY;
  assert.match(await exchange(doors[1], 'OPTIONS /', ORIGIN, WANTED), /^HTTP\/1\.1 204 /);
});
