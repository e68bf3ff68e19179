/**
 * What RFC 9112 has a server refuse, and what it has it take, over bare sockets: two readings of one message are how
 * requests are smuggled. After each case a good request is answered, on the same connection where that goes on.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { type Program, root, startProgram } from '../programs/fairlead.ts';
import { closes, Wire } from './wire.ts';

const body = readFileSync(join(root, 'examples', 'digits', 'request.json'), 'latin1').trim();

let server: Program;
let gateway: Program;
before(async () => {
  const limits = ['--request-time', '1s', '--max-body', '100k', '--log-level', 'error'];
  [server, gateway] = await Promise.all([
    startProgram(['serve', 'examples/digits/models/digits/2', ...limits]),
    startProgram(['up', 'examples/digits/models/digits']),
  ]);
});
after(() => Promise.all([server.stop(), gateway.stop()]));

/** Both are behind the same door. */
const places: readonly (readonly [string, () => string])[] = [
  ['by a server', () => server.url],
  ['by the gateway', () => gateway.url],
];

const HOST = 'Host: x\r\n';
const get = `GET /health HTTP/1.1\r\n${HOST}\r\n`;
const line = (request: string): string => `${request}\r\n${HOST}\r\n`;
const host = (headers: string): string => `GET /health HTTP/1.1\r\n${headers}\r\n`;
const header = (name: string): string => `GET /health HTTP/1.1\r\n${HOST}${name}\r\n\r\n`;
const post = (headers: string, content: string): string =>
  `POST /predict HTTP/1.1\r\n${HOST}${headers}\r\n${content}`;
const long = (length: string): string => post(`Content-Length: ${length}\r\n`, body);
const coded = (coding: string): string => post(`Transfer-Encoding: ${coding}\r\n`, chunked);
const chunks = (content: string): string => post('Transfer-Encoding: chunked\r\n', content);
const size = body.length.toString(16);
const chunked = `${size}\r\n${body}\r\n0\r\n\r\n`;
const exact = `Content-Length: ${body.length}\r\n`;

/** Name, bytes, status; every one of them ends its connection. */
const refused: readonly (readonly [string, string, number])[] = [
  // How long a message is: RFC 9112, 6.
  ['two lengths', post(`${exact}Content-Length: 1\r\n`, body), 400],
  ['two equal lengths', post(exact + exact, body), 400],
  ['a list of lengths', long(`${body.length}, ${body.length}`), 400],
  ['a length with a plus', long(`+${body.length}`), 400],
  ['a length with a minus', long('-1'), 400],
  ['a length with a space within', long('1 1'), 400],
  ['a length in hexadecimal', long('0x10'), 400],
  ['a length with a point', long('5.0'), 400],
  ['an empty length', long(''), 400],
  ['a length over 64 bits', long('99999999999999999999'), 400],
  ['a length of 2^64 - 1', long('18446744073709551615'), 413],
  ['a length that no double holds', long('9007199254740993'), 413],
  ['a length, then chunks', post(`${exact}Transfer-Encoding: chunked\r\n`, chunked), 400],
  ['chunks, then a length', post(`Transfer-Encoding: chunked\r\n${exact}`, chunked), 400],
  ['gzip, chunked', coded('gzip, chunked'), 501],
  [
    'gzip and chunked in two headers',
    post('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n', chunked),
    501,
  ],
  ['identity, chunked', coded('identity, chunked'), 501],
  ['an empty coding, chunked', coded(', chunked'), 501],
  ['chunked, gzip', coded('chunked, gzip'), 400],
  ['chunked, chunked', coded('chunked, chunked'), 400],
  [
    'chunked in two headers',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', chunked),
    400,
  ],
  ['xchunked', coded('xchunked'), 400],
  ['chunkedx', coded('chunkedx'), 400],
  ['chunked with a parameter', coded('chunked;a=b'), 400],
  ['chunked in quotes', coded('"chunked"'), 400],
  ['chunked after a vertical tab', coded('\x0bchunked'), 400],
  ['chunked before a no-break space', coded('chunked\xa0'), 400],
  ['identity', coded('identity'), 400],
  ['an empty transfer coding', coded(''), 400],
  ['chunks in HTTP/1.0', coded('chunked').replace('HTTP/1.1', 'HTTP/1.0'), 400],
  // Chunks: RFC 9112, 7.
  ['a negative chunk', chunks(`-${chunked}`), 400],
  ['a chunk with a plus', chunks(`+${chunked}`), 400],
  ['a chunk with 0x', chunks(`0x${chunked}`), 400],
  ['a chunk after a space', chunks(` ${chunked}`), 400],
  ['a chunk size with a space after it', chunks(chunked.replace('\r', ' \r')), 400],
  ['a chunk without a size', chunks(`\r\n${chunked}`), 400],
  ['a chunk of 17 digits', chunks(`1${size.padStart(16, '0')}\r\n${body}\r\n0\r\n\r\n`), 400],
  ['a chunk with an underscore', chunks(chunked.replace('\r', '_\r')), 400],
  ['a chunk extension of 20,000 bytes', chunks(chunked.replace('\r', `;a=${'b'.repeat(20_000)}\r`)), 400],
  ['a chunk extension with a control character', chunks(chunked.replace('\r', ';\x01\r')), 400],
  ['a line break within quotes of an extension', chunks(chunked.replace('\r\n', ';a="\r\n"\r\n')), 400],
  ['a bare LF after an extension', chunks(chunked.replace('\r\n', ';a=b\n')), 400],
  ['a bare LF after a chunk size', chunks(chunked.replace('\r\n', '\n')), 400],
  ['a bare CR after a chunk size', chunks(chunked.replace('\r\n', '\r')), 400],
  ['a bare LF after a chunk', chunks(chunked.replace('\r\n0', '\n0')), 400],
  ['nothing after a chunk', chunks(chunked.replace('\r\n0', '0')), 400],
  ['a chunk that is longer than it says', chunks(chunked.replace('\r\n0', 'more\r\n0')), 400],
  ['a bare LF at the end of chunks', chunks(chunked.replace(/\r\n$/, '\n')), 400],
  ['a length in a trailer', chunks(chunked.replace(/\r\n$/, 'Content-Length: 3\r\n\r\n')), 400],
  [
    'a transfer coding in a trailer',
    chunks(chunked.replace(/\r\n$/, 'Transfer-Encoding: chunked\r\n\r\n')),
    400,
  ],
  ['a trailer with a space before its colon', chunks(chunked.replace(/\r\n$/, 'a : b\r\n\r\n')), 400],
  ['300 trailers', chunks(chunked.replace(/\r\n$/, `${'a: b\r\n'.repeat(300)}\r\n`)), 431],
  ['a trailer of 20,000 bytes', chunks(chunked.replace(/\r\n$/, `a: ${'b'.repeat(20_000)}\r\n\r\n`)), 431],
  ['a flood of trailers', chunks(chunked.replace(/\r\n$/, `${'a: b\r\n'.repeat(5000)}\r\n`)), 431],
  // Headers: RFC 9112, 5.
  ['a folded header', header('A: b\r\n c'), 400],
  ['a header folded by a tab', header('A: b\r\n\tc'), 400],
  ['a folded length', long(`\r\n ${body.length}`), 400],
  ['a folded transfer coding', coded('\r\n chunked'), 400],
  ['a first header that is folded', host(` A: b\r\n${HOST}`), 400],
  ['a line of a space before the headers', host(` \r\n${HOST}`), 400],
  ['a bare LF after a header', header('A: b\nB: c'), 400],
  ['a bare LF as the empty line', `GET /health HTTP/1.1\r\n${HOST}\n`, 400],
  ['bare LF everywhere', 'GET /health HTTP/1.1\nHost: x\n\n', 400],
  ['a bare CR in a header', header('A: b\rc'), 400],
  ['CR CR LF', header('A: b\r'), 400],
  ['NUL in a header', header('A: b\0c'), 400],
  ['a control character in a header', header('A: b\x01c'), 400],
  ['DEL in a header', header('A: b\x7fc'), 400],
  ['NUL in the name of a header', header('A\0: b'), 400],
  ['Latin-1 in the name of a header', header('\xe4: b'), 400],
  ['a space before the colon', header('A : b'), 400],
  ['a space before the colon of a length', post(`Content-Length : ${body.length}\r\n`, body), 400],
  ['a tab before the colon', header('A\t: b'), 400],
  ['a space in the name of a header', header('A B: c'), 400],
  ['a header without a name', header(': b'), 400],
  ['a header without a colon', header('AB'), 400],
  ['300 headers', header('a: b\r\n'.repeat(299) + 'a: b'), 431],
  ['3,000 headers', header('a:\r\n'.repeat(3000)), 431],
  ['a header of 20,000 bytes', header(`a: ${'b'.repeat(20_000)}`), 431],
  // Where a message goes: RFC 9112, 3.2.
  ['no Host', host(''), 400],
  ['two Hosts', host('Host: x\r\nHost: y\r\n'), 400],
  ['two equal Hosts', host(HOST + HOST), 400],
  ['two Hosts in one', host('Host: x,y\r\n'), 400],
  ['a Host with a space', host('Host: x y\r\n'), 400],
  ['a Host with a path', host('Host: x/y\r\n'), 400],
  ['a Host with a user', host('Host: u@x\r\n'), 400],
  ['a Host with a port that is a word', host('Host: x:http\r\n'), 400],
  ['a Host with a bracket', host('Host: [::1\r\n'), 400],
  ['a Host with a space in its brackets', host('Host: [: :]\r\n'), 400],
  ['a Host in Latin-1', host('Host: \xe4\r\n'), 400],
  ['two Hosts in HTTP/1.0', 'GET /health HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n', 400],
  ['an absolute address without a host', line('GET http:///health HTTP/1.1'), 400],
  ['an absolute address with a user', line('GET http://u:p@x/health HTTP/1.1'), 400],
  ['an absolute address of another scheme', line('GET ftp://x/health HTTP/1.1'), 400],
  ['an absolute address and no Host', 'GET http://x/health HTTP/1.1\r\n\r\n', 400],
  ['a host and a port', line('GET x:80 HTTP/1.1'), 400],
  ['an asterisk', line('GET * HTTP/1.1'), 400],
  ['CONNECT', line('CONNECT x:80 HTTP/1.1'), 400],
  ['a relative path', line('GET health HTTP/1.1'), 400],
  ['a fragment', line('GET /health#a HTTP/1.1'), 400],
  ['a space in the path', line('GET /he alth HTTP/1.1'), 400],
  ['UTF-8 in the path', line('GET /\xc3\xa4 HTTP/1.1'), 400],
  ['NUL in the path', line('GET /\0 HTTP/1.1'), 400],
  ['no path', line('GET HTTP/1.1'), 400],
  ['a path of 20,000 bytes', line(`GET /${'a'.repeat(20_000)} HTTP/1.1`), 431],
  // The first line: RFC 9112, 2 and 3.
  ['a tab in the first line', line('GET\t/health\tHTTP/1.1'), 400],
  ['a space before the first line', line(' GET /health HTTP/1.1'), 400],
  ['a space after the first line', line('GET /health HTTP/1.1 '), 400],
  ['a CR in the first line', line('GET /health\r HTTP/1.1'), 400],
  ['a bare LF after the first line', `GET /health HTTP/1.1\n${HOST}\r\n`, 400],
  ['HTTP/0.9 with headers', line('GET /health HTTP/0.9'), 505],
  ['HTTP/1.2', line('GET /health HTTP/1.2'), 505],
  ['HTTP/2.0', line('GET /health HTTP/2.0'), 505],
  ['HTTP/1.10', line('GET /health HTTP/1.10'), 400],
  ['HTTP/1', line('GET /health HTTP/1'), 400],
  ['http/1.1', line('GET /health http/1.1'), 400],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 505],
  ['a method in small letters', line('get /health HTTP/1.1'), 400],
  ['an unknown method', line('FETCH /health HTTP/1.1'), 400],
  ['a method of 5,000 letters', line(`${'A'.repeat(5000)} /health HTTP/1.1`), 400],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  // Expectations: RFC 9110, 10.1.1.
  ['an unknown expectation', header('Expect: tea'), 417],
  ['a known expectation and another', header('Expect: 100-continue, tea'), 417],
];

for (const [where, url] of places) {
  for (const [name, bytes, status] of refused) {
    test(`${name} is refused with ${status} ${where}`, async () => {
      const wire = new Wire(url()).send(bytes);
      const answer = await wire.answer();
      assert.equal(answer.status, status, answer.body);
      assert.match(answer.body, /^\{"(?:error|detail)":"[a-z].{10,}"\}\n?$/);
      assert.match(answer.head, /^date: /im);
      // The rest of a body that is too large is waited for, so that the client has its answer whatever it sends.
      if (status === 413) wire.leave();
      else {
        assert(closes(answer), answer.head);
        assert.equal(await wire.end(), '', 'one answer, and then the end');
      }
      assert.equal((await new Wire(url()).send(get).answer()).status, 200);
    });
  }
}

/** Name, bytes, status; on the same connection more is answered. */
const taken: readonly (readonly [string, string, number])[] = [
  ['a length', post(exact, body), 200],
  ['a length with spaces about it', long(`  ${body.length}\t `), 200],
  ['a length with leading zeros', long(`000${body.length}`), 200],
  ['Chunked', coded('Chunked'), 200],
  ['chunks of a byte', chunks(`${body.replaceAll(/[^]/g, '1\r\n$&\r\n')}0\r\n\r\n`), 200],
  ['a chunk size with leading zeros', chunks(`00${chunked}`), 200],
  ['a chunk size in capitals', chunks(chunked.replace(size, size.toUpperCase())), 200],
  ['chunk extensions', chunks(chunked.replace('\r', ';a=b;c="d"\r')), 200],
  ['trailers', chunks(chunked.replace(/\r\n$/, 'A: b\r\nHost: elsewhere\r\n\r\n')), 200],
  ['empty lines before a request', `\r\n\r\n${get}`, 200],
  ['no space after a colon', header('A:b'), 200],
  ['a tab in a header', header('A: b\tc'), 200],
  ['Latin-1 in a header', header('A: \xe4'), 200],
  ['100 headers', header('A: b\r\n'.repeat(99) + 'A: b'), 200],
  ['a Host with a port', host('Host: a-b_c.d:8501\r\n'), 200],
  ['a Host of IPv6', host('Host: [::1]:8501\r\n'), 200],
  ['an empty Host', host('Host:\r\n'), 200],
  ['an absolute address', line('GET http://y/health?a=b HTTP/1.1'), 200],
  ['an absolute address in capitals', line('GET HTTP://Y/health HTTP/1.1'), 200],
  ['an asterisk for OPTIONS', line('OPTIONS * HTTP/1.1'), 404],
  [
    'an upgrade to HTTP/2',
    header('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA'),
    200,
  ],
  [
    'an upgrade to WebSocket',
    header('Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AA=='),
    200,
  ],
  ['an upgrade with a body', post(`Connection: Upgrade\r\nUpgrade: h2c\r\n${exact}`, body), 200],
  ['a method that the path does not have', line('DELETE /health HTTP/1.1'), 405],
  ['TRACE', line('TRACE /health HTTP/1.1'), 405],
  ['GET with a body', `GET /health HTTP/1.1\r\n${HOST}${exact}\r\n${body}`, 200],
  ['an unknown path', line('GET /nothing HTTP/1.1'), 404],
  ['a path of 10,000 bytes', line(`GET /${'a'.repeat(10_000)} HTTP/1.1`), 404],
  ['a broken escape', line('GET /v2/models/%zz HTTP/1.1'), 404],
  ['a bad body', post('Content-Length: 1\r\n', '{'), 422],
  [
    'an expectation in HTTP/1.0',
    `GET /health HTTP/1.0\r\nConnection: keep-alive\r\nExpect: tea\r\n\r\n`,
    200,
  ],
];

for (const [where, url] of places) {
  for (const [name, bytes, status] of taken) {
    test(`${name} is ${status} ${where}, and the connection goes on`, async () => {
      const wire = new Wire(url()).send(bytes);
      const answer = await wire.answer();
      assert.equal(answer.status, status, answer.body);
      assert.equal((await wire.send(get).answer()).status, 200);
      wire.leave();
    });
  }
}

test('HEAD is answered without a body, and the connection goes on', async () => {
  const wire = new Wire(server.url).send(line('HEAD /health HTTP/1.1'));
  const answer = await wire.answer('HEAD');
  assert.equal(answer.status, 200);
  assert.match(answer.head, /^content-length: [1-9]/im);
  assert.equal((await wire.send(get).answer()).body.length > 0, true);
  wire.leave();
});

test('a good request, a bad one and another: the good one is answered, and nothing after the bad one', async () => {
  const wire = new Wire(server.url).send(`${get}${header('A : b')}${get}`);
  assert.equal((await wire.answer()).status, 200);
  assert.equal(await wire.end(), '');
});

test('good requests that were sent together before a refused one are all answered', async () => {
  const wire = new Wire(server.url).send(`${get}${post(exact, body)}${host('Host: x\r\nHost: y\r\n')}${get}`);
  for (const status of [200, 200, 400]) assert.equal((await wire.answer()).status, status);
  assert.equal(await wire.end(), '');
});

test('CONNECT after a good request does not take the place of its answer', async () => {
  const wire = new Wire(server.url).send(`${post(exact, body)}${line('CONNECT x:80 HTTP/1.1')}`);
  assert.equal((await wire.answer()).status, 200);
  await wire.end();
});

test('nothing after Connection: close is answered', async () => {
  const wire = new Wire(server.url).send(`${header('Connection: close')}${get}`);
  assert(closes(await wire.answer()));
  assert.equal(await wire.end(), '');
});

test('HTTP/0.9 without headers ends within the time for a request', async () => {
  const wire = new Wire(server.url).send('GET /health\r\n');
  assert.equal((await wire.answer()).status, 408);
  await wire.end();
});

test('a client of HTTP/1.0 that expects to be told to go on is not told', async () => {
  const bytes = `POST /predict HTTP/1.0\r\nExpect: 100-continue\r\n${exact}\r\n${body}`;
  assert.equal((await new Wire(server.url).send(bytes).answer()).status, 200);
});
