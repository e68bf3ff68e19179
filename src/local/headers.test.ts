import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerHeaders, framingOf, type RequestFacts, requestHeaders } from './headers.ts';

/** A raw header list from lines as they are written on the wire. */
function raw(...lines: string[]): string[] {
  return lines.flatMap(line => line.split(/: (.*)/s, 2));
}

const facts: RequestFacts = {
  requestId: 'id-1',
  peer: '10.0.0.7',
  server: '127.0.0.1:4000',
  method: 'POST',
  framing: { kind: 'length', bytes: '12' },
  proto: 'http',
};

const host = 'Host: 127.0.0.1:4000';
const added = [
  'X-Request-Id: id-1',
  'X-Forwarded-For: 10.0.0.7',
  'X-Forwarded-Proto: http',
  'X-Forwarded-Host: gate:1',
];

const requests: readonly { name: string; came: string[]; facts?: Partial<RequestFacts>; sent: string[] }[] = [
  {
    name: 'what is end to end goes on in order, with its case and repeats',
    came: ['Host: gate:1', 'aCCept: a', 'Accept: b', 'traceparent: 00-1-2-01'],
    sent: [host, 'aCCept: a', 'Accept: b', 'traceparent: 00-1-2-01', ...added, 'Content-Length: 12'],
  },
  {
    name: 'hop-by-hop headers and those that Connection names stay behind',
    came: [
      'Host: gate:1',
      'Connection: close, X-Hop',
      'X-Hop: 1',
      'Keep-Alive: timeout=5',
      'TE: trailers',
      'Trailer: X-T',
      'Upgrade: h2c',
      'Proxy-Authorization: secret',
      'Transfer-Encoding: chunked',
    ],
    sent: [host, ...added, 'Content-Length: 12'],
  },
  {
    name: 'Connection cannot take the length away',
    came: ['Host: gate:1', 'Connection: content-length', 'Content-Length: 12'],
    sent: [host, ...added, 'Content-Length: 12'],
  },
  {
    name: 'an earlier proxy is believed and the client appended',
    came: [
      'Host: gate:1',
      'X-Forwarded-For: 1.2.3.4',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: public',
      'X-Request-Id: replaced',
      'Expect: 100-continue',
    ],
    sent: [
      host,
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: public',
      'X-Request-Id: id-1',
      'X-Forwarded-For: 1.2.3.4, 10.0.0.7',
      'Content-Length: 12',
    ],
  },
  {
    name: 'a chunked body goes on chunked',
    came: ['Host: gate:1', 'Transfer-Encoding: chunked'],
    facts: { framing: { kind: 'chunked' } },
    sent: [host, ...added, 'Transfer-Encoding: chunked'],
  },
  {
    name: 'a POST without a body says so',
    came: ['Host: gate:1'],
    facts: { framing: { kind: 'none' } },
    sent: [host, ...added, 'Content-Length: 0'],
  },
  {
    name: 'a GET without a body says nothing',
    came: ['Host: gate:1'],
    facts: { framing: { kind: 'none' }, method: 'GET' },
    sent: [host, ...added],
  },
];

for (const { name, came, facts: other, sent } of requests) {
  test(name, () => assert.deepEqual(requestHeaders(raw(...came), { ...facts, ...other }), raw(...sent)));
}

const answers = [
  {
    name: 'an answer says which revision gave it, whatever the server claims, and carries a request id',
    came: [
      'Content-Type: a/b',
      'Connection: keep-alive',
      'Keep-Alive: timeout=5',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'x-fairlead-revision: forged',
    ],
    sent: [
      'Content-Type: a/b',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'X-Request-Id: id-1',
      'X-Fairlead-Revision: digits-1',
    ],
  },
  {
    name: "a server's own request id stays",
    came: ['x-request-id: own'],
    sent: ['x-request-id: own', 'X-Fairlead-Revision: digits-1'],
  },
];

for (const { name, came, sent } of answers) {
  test(name, () => {
    const found = answerHeaders(raw(...came), { revision: 'digits-1', requestId: 'id-1' });
    assert.deepEqual(found, raw(...sent));
  });
}

test('a server is told that the client spoke TLS', () => {
  const sent = requestHeaders(raw('Host: gate:1'), { ...facts, proto: 'https' });
  assert.equal(sent[sent.indexOf('X-Forwarded-Proto') + 1], 'https');
});

test('who may read an answer is not for a server behind the gateway to say', () => {
  const came = raw('Access-Control-Allow-Origin: *', 'access-control-expose-headers: x', 'X-Own: 1');
  const sent = answerHeaders(came, { revision: 'r', requestId: 'i' });
  assert.deepEqual(sent, ['X-Own', '1', 'X-Request-Id', 'i', 'X-Fairlead-Revision', 'r']);
});

test('the framing of a body is read from its headers', () => {
  assert.deepEqual(framingOf({ 'transfer-encoding': 'chunked' }), { kind: 'chunked' });
  assert.deepEqual(framingOf({ 'content-length': '5' }), { kind: 'length', bytes: '5' });
  assert.deepEqual(framingOf({}), { kind: 'none' });
});

test('credentials go on as they came, unless they stay here', () => {
  const came = raw('Host: gate:1', 'Authorization: Bearer a', 'X-API-Key: b', 'X-Own: 1');
  const sent = requestHeaders(came, facts);
  for (const header of ['Bearer a', 'b', '1']) assert.ok(sent.includes(header));
  const kept = requestHeaders(came, { ...facts, isWithheld: true });
  assert.deepEqual(
    kept.filter(text => /^(?:Authorization|X-API-Key|X-Own|Bearer.*|b)$/.test(text)),
    ['X-Own'],
  );
});
