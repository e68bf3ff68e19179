import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readResponse } from './response.ts';

const plain = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const good = [
  { name: 'a body by its length', text: plain, status: 200, keepAlive: true, body: 'hello' },
  {
    name: 'names of headers in any case',
    text: 'HTTP/1.1 429 Too Many Requests\r\nCONTENT-LENGTH:2\r\nretry-after: 1\r\n\r\n{}',
    status: 429,
    keepAlive: true,
    body: '{}',
  },
  {
    name: 'the end of the connection',
    text: 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    status: 503,
    keepAlive: false,
    body: '',
  },
  {
    name: 'HTTP/1.0, which keeps no connection',
    text: 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na',
    status: 200,
    keepAlive: false,
    body: 'a',
  },
  { name: 'no content', text: 'HTTP/1.1 204 No Content\r\n\r\n', status: 204, keepAlive: true, body: '' },
  {
    name: 'chunks',
    text: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n',
    status: 200,
    keepAlive: true,
    body: 'hello',
  },
];

for (const { name, text, ...expected } of good) {
  test(`${name}: read once whole, and not before`, () => {
    const bytes = Buffer.from(text);
    for (let end = 0; end < bytes.length; end++)
      assert.equal(readResponse(bytes.subarray(0, end)), undefined, `of ${end} bytes`);
    const { body, ...rest } = readResponse(bytes) ?? assert.fail('not whole');
    assert.deepEqual({ ...rest, body: body.toString() }, expected);
  });
}

for (const { name, text } of [
  { name: 'another protocol', text: 'SSH-2.0-x\r\n\r\n' },
  { name: 'a body of unknown length', text: 'HTTP/1.1 200 OK\r\n\r\n' },
  { name: 'a response nobody asked for', text: plain + plain },
  {
    name: 'a chunk without a size',
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhel',
  },
]) {
  test(`${name} is refused`, () => assert.throws(() => readResponse(Buffer.from(text)), Error));
}
