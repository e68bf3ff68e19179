import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { AppError } from '#base';
import { arms, ask, local, raw, readyLocal, silent, until } from './fixtures/service.ts';
import { startLocal } from './start.ts';

type Facts = Readonly<Record<string, unknown>> & { headers: Record<string, string> };
const parsed = (text: string): Facts => JSON.parse(text) as Facts;

test('a thousand requests are split exactly by weight, and each answer says which revision gave it', async t => {
  const service = await readyLocal(t, arms({}, { weight: 10 }));
  const [stable, candidate] = service.status().arms;
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const had = new Map<string, number>();
  for (let at = 0; at < 1000; at++) {
    const { headers, text } = await ask(`${service.url}/predict`, { body: '{}', agent });
    const revision = String(headers['x-fairlead-revision']);
    assert.equal(parsed(text)['version'], revision === stable?.revision ? '1' : '2');
    had.set(revision, (had.get(revision) ?? 0) + 1);
  }
  assert.deepEqual(
    [...had.values()].toSorted((a, b) => a - b),
    [100, 900],
  );
  const status = service.status();
  assert.deepEqual([status.requests, status.failed], [1000, 0]);
  assert.deepEqual([stable?.requests, candidate?.requests], [0, 0]);
  assert.deepEqual(
    status.arms.map(({ requests }) => requests),
    [900, 100],
  );
});

test('one service, many requests', async t => {
  const service = await readyLocal(t, arms({}, { weight: 0 }), { limits: { answerMs: 700 } });
  const { url } = service;

  await t.test('method, path, query, headers and body arrive as they were sent', async () => {
    const body = Buffer.alloc(300_000, 'abc');
    const { text, status } = await ask(`${url}/any/path?x=1&y=%20`, {
      method: 'PUT',
      body,
      headers: {
        'X-Own': 'ä',
        traceparent: '00-1-2-01',
        'X-Request-Id': 'mine',
        Connection: 'close, X-Hop',
        'X-Hop': '1',
      },
    });
    const { headers, ...facts } = parsed(text);
    assert.equal(status, 200);
    assert.equal(facts['method'], 'PUT');
    assert.equal(facts['url'], '/any/path?x=1&y=%20');
    assert.equal(facts['bytes'], body.length);
    assert.equal(headers['x-own'], 'ä');
    assert.equal(headers['traceparent'], '00-1-2-01');
    assert.equal(headers['x-request-id'], 'mine');
    assert.equal(headers['x-hop'], undefined);
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers['x-forwarded-proto'], 'http');
    assert.equal(headers['x-forwarded-host'], new URL(url).host);
  });

  await t.test('a request id that is no id is replaced', async () => {
    const { text } = await ask(`${url}/predict`, { headers: { 'X-Request-Id': 'a b' } });
    assert.match(parsed(text).headers['x-request-id'] ?? '', /^[0-9a-f-]{36}$/);
  });

  await t.test('methods without a body keep none, and HEAD gets no body', async () => {
    for (const method of ['GET', 'DELETE', 'OPTIONS']) {
      const { text } = await ask(`${url}/x`, { method });
      assert.deepEqual([parsed(text)['method'], parsed(text)['bytes']], [method, 0]);
    }
    const head = await ask(`${url}/x`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
  });

  await t.test('a chunked body is streamed both ways, byte for byte', async () => {
    const request = httpRequest(`${url}/echo`, { method: 'POST', agent: false });
    request.write('first');
    const [answer] = await once(request, 'response');
    const [chunk] = await once(answer, 'data');
    assert.equal(String(chunk), 'first', 'the first part is back before the second is sent');
    request.end('second');
    const rest: Buffer[] = [];
    answer.on('data', (part: Buffer) => rest.push(part));
    await once(answer, 'end');
    assert.equal(Buffer.concat(rest).toString(), 'second');
  });

  await t.test('large answers pass', async () => {
    const { text } = await ask(`${url}/stream?bytes=5000000`);
    assert.equal(text.length, 5_000_000);
  });

  await t.test("a server's own errors pass untouched and are not retried", async () => {
    for (const code of [404, 429, 500, 503]) {
      const { status, text, headers } = await ask(`${url}/status/${code}`, { body: 'x' });
      assert.deepEqual([status, parsed(text)], [code, { version: '1' }]);
      assert.equal(headers['x-request-id'], 'from-server');
    }
    assert.equal(service.status().retries, 0);
  });

  await t.test('a version in the path is reached even at weight 0, an unknown one by weight', async () => {
    for (const [path, version] of [
      ['/v1/models/digits/versions/2:predict', '2'],
      ['/v2/models/digits/versions/2/infer', '2'],
      ['/v2/models/digits/versions/1/infer', '1'],
      ['/v2/models/digits/versions/9/infer', '1'],
      ['/v2/models/digits/infer', '1'],
    ] as const) {
      const { text } = await ask(url + path, { body: '{}' });
      assert.equal(parsed(text)['version'], version, path);
    }
  });

  await t.test(
    'an early answer is passed on while the body is still coming, and the connection stays usable',
    async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const { status } = await ask(`${url}/early`, { body: Buffer.alloc(3_000_000), agent });
      assert.equal(status, 413);
      assert.equal((await ask(`${url}/predict`, { body: '{}', agent })).status, 200);
      agent.destroy();
    },
  );

  await t.test('an early answer is heard even when the server closes on the rest of the body', async () => {
    const { retries } = service.status();
    for (let times = 0; times < 10; times++) {
      const { status } = await ask(`${url}/slam`, { body: Buffer.alloc(20_000_000) });
      assert.equal(status, 413);
    }
    assert.equal(service.status().retries, retries);
  });

  await t.test(
    'an answer that breaks off within is broken off for the client and never sent again',
    async () => {
      const { failed, retries } = service.status();
      await assert.rejects(ask(`${url}/cut`, { body: 'x' }));
      await until('the broken answer is counted', () => service.status().failed === failed + 1);
      assert.equal(service.status().retries, retries);
    },
  );

  await t.test(
    'a server that never answers is given up with 504, one that stalls is broken off',
    async () => {
      const { status, text } = await ask(`${url}/never`, { body: 'x' });
      assert.equal(status, 504);
      assert.equal(parsed(text)['error'], 'the request was not answered within 0.7 seconds');
      await assert.rejects(ask(`${url}/stall`, { body: 'x' }));
    },
  );

  for (const path of ['babble', 'odd']) {
    await t.test(`a server that answers with something else is a 503: ${path}`, async () => {
      const { status, headers } = await ask(`${url}/${path}`, { body: 'x' });
      assert.deepEqual([status, headers['retry-after']], [503, '1']);
      await until('it is in rotation again', async () => (await ask(`${url}/health`)).status === 200);
    });
  }

  await t.test('a client that leaves ends its request at the server too', async () => {
    const before = Number(parsed((await ask(`${url}/aborted`)).text)['aborted']);
    const request = httpRequest(`${url}/slow?ms=600`, { agent: false });
    request.on('error', () => undefined);
    request.end();
    await until('the request is at the server', () => service.status().arms[0]?.servers[0]?.inFlight === 1);
    request.destroy();
    await until('the server has seen the end', async () => {
      return Number(parsed((await ask(`${url}/aborted`)).text)['aborted']) > before;
    });
  });

  await t.test(
    'a body that is cut ends the request at the server, and nothing is left in flight',
    async () => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf of it');
      await once(socket, 'data');
      socket.destroy();
      await until('nothing is in flight', () => service.status().inFlight === 0);
      assert.equal((await ask(`${url}/predict`, { body: '{}' })).status, 200);
    },
  );

  await t.test(
    'an answer that streams may be silent for longer than an answer may take to begin',
    async () => {
      assert.equal((await ask(`${url}/pause?ms=1000`)).text, 'before after');
    },
  );

  await t.test('100 Continue is answered by the gateway', async () => {
    const answer = await raw(
      url,
      'POST /predict HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}',
    );
    assert.match(answer, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });

  await t.test('HTTP/1.0 clients are served', async () => {
    const answer = await raw(url, 'GET /predict HTTP/1.0\r\n\r\n');
    assert.match(answer, /^HTTP\/1\.1 200 OK/);
    assert.doesNotMatch(answer, /transfer-encoding/i);
  });

  await t.test('two requests sent at once on one connection are answered in order', async () => {
    const one = 'GET /slow?ms=50 HTTP/1.1\r\nHost: x\r\n\r\n';
    const two = 'GET /status/404 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const answer = await raw(url, one + two);
    assert.match(answer, /^HTTP\/1\.1 200[\s\S]*HTTP\/1\.1 404/);
  });

  for (const path of ['/early', '/slam', '/status/404', '/reset'])
    await t.test(
      `a request that breaks while one before it waits is answered once, and ${path} not at all`,
      async () => {
        const waits = 'GET /slow?ms=200 HTTP/1.1\r\nHost: x\r\n\r\n';
        const breaks = `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\nzz\r\n`;
        const answer = await raw(url, waits + breaks);
        assert.deepEqual(answer.match(/^HTTP\/1\.1 \d+/gm), ['HTTP/1.1 200', 'HTTP/1.1 400']);
      },
    );

  await t.test('an absolute address in the request line is taken apart', async () => {
    const answer = await raw(url, 'GET http://x/a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(answer, /"url":"\/a\?b"/);
  });

  const bad = [
    { name: 'what is not HTTP', bytes: 'hello\r\n\r\n', status: 400, sentence: /not a valid HTTP request/ },
    {
      name: 'no Host',
      bytes: 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n',
      status: 400,
      sentence: /the Host header is missing/,
    },
    {
      name: 'two lengths',
      bytes: 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      status: 400,
      sentence: /not a valid HTTP request/,
    },
    {
      name: 'a malformed chunk',
      bytes: 'POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      status: 400,
      sentence: /not a valid HTTP request/,
    },
    {
      name: 'headers without end',
      bytes: `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      status: 431,
      sentence: /larger than the limit of 16384 bytes/,
    },
    {
      name: 'an address that is no path',
      bytes: 'GET mailto:x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      status: 400,
      sentence: /not a/,
    },
  ];
  for (const { name, bytes, status, sentence } of bad) {
    await t.test(`${name} is ${status} with a sentence`, async () => {
      const answer = await raw(url, bytes);
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
      const body = answer.split('\r\n\r\n')[1] ?? '';
      assert.match(String(parsed(body)['error']), sentence);
      assert.equal((await ask(`${url}/predict`, { body: '{}' })).status, 200);
    });
  }
});

test("the gateway's own pages", async t => {
  const service = await readyLocal(t, arms({}, { weight: 10 }));
  const { url } = service;

  await t.test('/health tells of each revision', async () => {
    const { status, text } = await ask(`${url}/health`);
    assert.equal(status, 200);
    const [stable, candidate] = service.status().arms;
    assert.deepEqual(parsed(text), {
      status: 'ok',
      service: 'digits',
      revisions: [
        { name: stable?.revision, role: 'stable', model_version: '1', weight: 90, healthy: true, servers: 1 },
        {
          name: candidate?.revision,
          role: 'candidate',
          model_version: '2',
          weight: 10,
          healthy: true,
          servers: 1,
        },
      ],
    });
  });

  await t.test('/health/live is 200', async () => {
    assert.equal((await ask(`${url}/health/live`)).status, 200);
  });

  await t.test("/metrics holds the gateway's and each server's, once each", async () => {
    await ask(`${url}/predict`, { body: '{}' });
    const { text, headers } = await ask(`${url}/metrics`);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    const [stable, candidate] = service.status().arms;
    for (const line of [
      `gateway_requests_total{revision="${stable?.revision}",code="200"} 1`,
      `gateway_server_healthy{revision="${candidate?.revision}",server="0"} 1`,
      `gateway_server_restarts_total{revision="${stable?.revision}",server="0"} 0`,
      `model_ready{revision="${stable?.revision}",server="0",model_version="1"} 1`,
      `model_ready{revision="${candidate?.revision}",server="0",model_version="2"} 1`,
    ])
      assert.ok(text.split('\n').includes(line), line);
    assert.equal(text.match(/# TYPE model_ready gauge/g)?.length, 1);
  });

  await t.test('/ names the others', async () => {
    assert.equal(parsed((await ask(url)).text)['predict'], `${url}/predict`);
  });

  await t.test('they are for reading', async () => {
    const { status, text } = await ask(`${url}/health`, { body: 'x' });
    assert.deepEqual(
      [status, parsed(text)['error']],
      [405, 'the method POST is not allowed here; use GET, HEAD'],
    );
    assert.deepEqual(await ask(`${url}/health`, { method: 'HEAD' }).then(a => [a.status, a.text]), [200, '']);
  });
});

test('before a server is ready all but the own pages is 503, and /health says degraded', async t => {
  const service = await local(t, arms({ model: 'never' }));
  const { status, headers, text } = await ask(`${service.url}/predict`, { body: '{}' });
  assert.deepEqual([status, headers['retry-after']], [503, '1']);
  assert.equal(parsed(text)['error'], "no healthy server of 'digits' answered: none is ready");
  const health = await ask(`${service.url}/health`);
  assert.deepEqual([health.status, parsed(health.text)['status']], [503, 'degraded']);
  assert.equal(service.status().state, 'starting');
});

test('a port in use and an address of another machine are told before any server starts', async t => {
  const first = await local(t, arms({}));
  const options = { host: '127.0.0.1', program: ['/does/not/exist'], logger: silent };
  await assert.rejects(
    startLocal(arms({}), 'digits', { ...options, port: Number(new URL(first.url).port) }),
    (error: AppError) => error.code === 'port_taken',
  );
  await assert.rejects(
    startLocal(arms({}), 'digits', { ...options, host: '203.0.113.1', port: 0 }),
    (error: AppError) => error.code === 'listen_failed',
  );
});

test('more requests at once than allowed are 503, and the others are served', async t => {
  const service = await readyLocal(t, arms({}), { limits: { concurrent: 4 } });
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(`${service.url}/slow?ms=300`)));
  const codes = answers.map(({ status }) => status).toSorted((a, b) => a - b);
  assert.deepEqual(codes, [200, 200, 200, 200, 503, 503, 503, 503]);
});

test('headers that do not arrive in time are 408', async t => {
  const service = await local(t, arms({}), { limits: { headersMs: 200 } });
  const answer = await raw(service.url, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow');
  assert.match(answer, /^HTTP\/1\.1 408 Request Timeout[\s\S]*did not arrive within 0.2 seconds/);
});

test('a body that does not arrive in time is 408', async t => {
  const service = await readyLocal(t, arms({}), { limits: { headersMs: 200, requestMs: 300 } });
  const head = 'POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n';
  const answer = await raw(service.url, `${head}half`);
  assert.match(answer, /^HTTP\/1\.1 408 Request Timeout[\s\S]*did not arrive within 0.3 seconds/);
  await until('nothing is in flight', () => service.status().inFlight === 0);
});

test('a request whose connection fails is sent once more to another server', async t => {
  const service = await readyLocal(t, arms({ replicas: 2 }));
  const { status, text } = await ask(`${service.url}/reset`, { body: 'x' });
  assert.equal(status, 503);
  assert.match(String(parsed(text)['error']), /no healthy server of 'digits' answered/);
  assert.equal(service.status().retries, 1);
});

test('a body that was kept is sent again whole; one over the limit is not kept', async t => {
  const service = await readyLocal(t, arms({ replicas: 2 }), { limits: { replayBytes: 500_000 } });
  const kept = Buffer.alloc(400_000, 'k');
  const [first] = service.status().arms[0]?.servers ?? [];
  assert.ok(first?.pid);
  process.kill(first.pid, 'SIGSTOP');
  const held = Promise.all(Array.from({ length: 4 }, () => ask(`${service.url}/predict`, { body: kept })));
  await until('the stopped server holds requests', () => {
    return (service.status().arms[0]?.servers[0]?.inFlight ?? 0) >= 2;
  });
  process.kill(first.pid, 'SIGKILL');
  for (const { status, text } of await held)
    assert.deepEqual([status, parsed(text)['bytes']], [200, kept.length]);
  assert.ok(service.status().retries >= 2);
  assert.equal(service.status().failed, 0);

  await until(
    'both are back',
    () => service.status().arms[0]?.servers.every(s => s.state === 'healthy') ?? false,
  );
  const large = await ask(`${service.url}/reset`, { body: Buffer.alloc(600_000) });
  assert.equal(large.status, 503);
});

test('many large bodies at once all arrive', async t => {
  const service = await readyLocal(t, arms({ replicas: 1 }), { limits: { replayBudget: 2_000_000 } });
  const body = Buffer.alloc(2_000_000, 'b');
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => ask(`${service.url}/predict`, { body })),
  );
  assert.ok(answers.every(({ text }) => parsed(text)['bytes'] === body.length));
});

test('closing lets what is in flight finish, says so on kept connections, and ends idle ones', async t => {
  const service = await local(t, arms({}));
  await service.ready(AbortSignal.timeout(30_000));
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await ask(`${service.url}/predict`, { agent });
  const slow = ask(`${service.url}/slow?ms=300`, { agent: new Agent({ keepAlive: true }) });
  await until('it is in flight', () => service.status().inFlight === 1);
  const pid = service.status().arms[0]?.servers[0]?.pid;
  const closed = service.close();
  assert.equal(service.status().state, 'stopping');
  const { status, headers } = await slow;
  assert.deepEqual([status, headers['connection']], [200, 'close']);
  await closed;
  await assert.rejects(ask(`${service.url}/predict`), { code: 'ECONNREFUSED' });
  assert.throws(() => process.kill(Number(pid), 0));
  await service.close();
});

test('a program that is not there ends the start with a sentence', async t => {
  const service = await local(t, arms({}), { program: ['/does/not/exist'] });
  await assert.rejects(service.ready(AbortSignal.timeout(30_000)), (error: AppError) => {
    return (
      error.code === 'server_failed' &&
      /cannot be started: spawn \/does\/not\/exist ENOENT/.test(error.message)
    );
  });
});

test('a client that leaves within its request is noticed at once, though an answer has begun', async t => {
  const service = await readyLocal(t, arms({}));
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf of it');
  await once(socket, 'data');
  socket.end();
  await until('nothing is in flight', () => service.status().inFlight === 0);
});
