import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { AppError } from '#base';
import {
  call,
  codeOf,
  duplex,
  type Facts,
  facts,
  readyRpc,
  rpcClient,
  type Told,
} from '../fixtures/rpc-client.ts';
import { arms, ask, local, program, readyLocal, silent, until } from '../fixtures/service.ts';
import { startLocal } from '../start.ts';

const INFER = '/inference.GRPCInferenceService/ModelInfer';

/** A ModelInferRequest: a name and a version, each under 128 bytes. */
function infer(name: string, version = ''): Buffer {
  const text = (tag: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([tag, value.length]), Buffer.from(value)]);
  return Buffer.concat([text(0x0a, name), text(0x12, version)]);
}

test('HTTP and gRPC are split as one, exactly, and each answer says which revision gave it', async t => {
  const { service, client } = await readyRpc(t, arms({}, { weight: 10 }));
  const had = new Map<string, number>();
  const saw = (revision: string): void => void had.set(revision, (had.get(revision) ?? 0) + 1);
  for (let at = 0; at < 100; at++) {
    const { headers } = await call(client, INFER, { message: infer('digits') });
    saw(String(headers?.get('x-fairlead-revision')[0]));
    saw(String((await ask(`${service.url}/predict`, { body: '{}' })).headers['x-fairlead-revision']));
  }
  const [stable, candidate] = service.status().arms;
  assert.deepEqual(
    had,
    new Map([
      [stable?.revision, 180],
      [candidate?.revision, 20],
    ]),
  );
  assert.deepEqual([stable?.requests, candidate?.requests], [180, 20]);
  const { text } = await ask(`${service.url}/metrics`);
  assert.ok(text.includes(`gateway_requests_total{revision="${candidate?.revision}",code="200"} 20\n`));
});

test('one service, many calls', async t => {
  const { service, client } = await readyRpc(t, arms({}, { weight: 0 }), { limits: { answerMs: 700 } });

  await t.test('path, metadata, message, status and trailers arrive as they were sent', async () => {
    const { headers, trailers, message } = await call(client, 'Facts', {
      message: Buffer.from('hello'),
      metadata: { 'x-request-id': 'mine', traceparent: '00-1-2-01', authorization: 'Bearer x' },
    });
    const told = JSON.parse(String(message)) as Facts;
    assert.equal(told.asked, '0000000005' + Buffer.from('hello').toString('hex'));
    assert.equal(told.headers[':path'], '/fixture.Test/Facts');
    assert.equal(told.headers['x-request-id'], 'mine');
    assert.equal(told.headers['traceparent'], '00-1-2-01');
    assert.equal(told.headers['authorization'], 'Bearer x');
    assert.equal(told.headers['te'], 'trailers');
    assert.equal(told.headers['grpc-timeout'], undefined);
    assert.deepEqual([headers?.get('x-own'), trailers?.get('x-last')], [['facts'], ['done']]);
  });

  await t.test('what is left of a deadline goes on', async () => {
    const { headers } = await facts(client, 'Facts', { deadline: 20_000 });
    const left = /^(\d+)m$/.exec(headers['grpc-timeout'] ?? '')?.[1];
    assert.ok(Number(left) > 10_000 && Number(left) <= 20_000, headers['grpc-timeout']);
  });

  await t.test('a call without a message, and one with an empty message', async () => {
    assert.equal((await facts(client, 'Facts')).asked, '0000000000');
    const stream = duplex(client, 'Facts');
    const answer = once(stream, 'data') as Promise<[Buffer]>;
    stream.end();
    assert.equal((JSON.parse(String((await answer)[0])) as Facts).asked, '');
  });

  await t.test("a server's own errors pass untouched and are not retried", async () => {
    for (const code of [status.NOT_FOUND, status.RESOURCE_EXHAUSTED, status.INTERNAL, status.UNAVAILABLE]) {
      await assert.rejects(call(client, `Status${code}`), (error: { metadata: Told['headers'] }) => {
        assert.deepEqual(error.metadata?.get('x-why'), ['because']);
        return Object.entries({ code, details: 'so it ést' }).every(
          ([name, value]) => (error as Record<string, unknown>)[name] === value,
        );
      });
    }
    assert.equal(service.status().retries, 0);
  });

  await t.test('a version is reached even at weight 0, an unknown one goes by weight', async () => {
    for (const [version, reached] of [
      ['', '1'],
      ['1', '1'],
      ['2', '2'],
      ['9', '1'],
    ] as const)
      assert.equal((await facts(client, INFER, { message: infer('digits', version) })).version, reached);
  });

  await t.test('messages stream both ways, one by one', async () => {
    const stream = duplex(client, 'Echo');
    for (const text of ['first', 'second', 'third']) {
      const answer = once(stream, 'data');
      stream.write(Buffer.from(text));
      assert.equal(String((await answer)[0]), text);
    }
    const ended = codeOf(stream);
    stream.end();
    assert.equal(await ended, status.OK);
  });

  await t.test('a thousand messages stream both ways, in order', async () => {
    const stream = duplex(client, 'Echo');
    let came = 0;
    stream.on('data', (message: Buffer) => assert.equal(message.readUInt32BE(0), came++));
    const ended = once(stream, 'end');
    for (let at = 0; at < 1000; at++) {
      const message = Buffer.alloc(1000);
      message.writeUInt32BE(at);
      stream.write(message);
    }
    stream.end();
    await ended;
    assert.equal(came, 1000);
  });

  await t.test('a message of 64 MiB passes, and comes back', async () => {
    const message = Buffer.alloc(64 * 1024 * 1024, 'abc');
    const { message: back } = await call(client, 'Echo', { message });
    assert.ok(back.equals(message));
  });

  await t.test('a slow reader holds the server, and has all in the end', async () => {
    const stream = duplex(client, 'Many500');
    stream.end();
    await once(stream, 'metadata');
    stream.pause();
    let came = 0;
    const ended = once(stream, 'end');
    stream.on('data', () => {
      came += 1;
      if (came % 100 !== 0) return;
      stream.pause();
      setImmediate(() => stream.resume());
    });
    stream.resume();
    await ended;
    assert.equal(came, 500);
  });

  await t.test('an early answer is heard while the request is still coming', async () => {
    await assert.rejects(call(client, 'Early', { message: Buffer.alloc(20_000_000) }), {
      code: status.RESOURCE_EXHAUSTED,
      details: 'too large',
    });
    const stream = duplex(client, 'Early');
    const ended = codeOf(stream);
    stream.write(Buffer.from('and so on'));
    assert.equal(await ended, status.RESOURCE_EXHAUSTED);
  });

  for (const [path, sentence] of [
    ['NoStatus', /an answer without a status/],
    ['Html', /HTTP status 502, with content-type text\/html/],
    ['Packed', /a message begins with 1/],
    ['Refuse', /ended the stream with code 7/],
  ] as const) {
    await t.test(`a server that answers with something else is UNAVAILABLE: ${path}`, async () => {
      await assert.rejects(call(client, path), (error: { code: number; details: string }) => {
        assert.equal(error.code, status.UNAVAILABLE);
        assert.match(error.details, /^no healthy server of 'digits' answered: /);
        assert.match(error.details, sentence);
        return true;
      });
    });
  }

  await t.test('what a server says that it has not looked at is sent again, to it if need be', async () => {
    assert.equal((await facts(client, 'RefuseOnce')).version, '1');
  });

  await t.test('a server that sends its clients elsewhere loses no call', async () => {
    const all = Array.from({ length: 50 }, (_, at) => facts(client, at === 10 ? 'Leave' : 'Facts'));
    assert.equal((await Promise.all(all)).length, 50);
  });

  await t.test('a server that never answers is given up, unless the client has a deadline', async () => {
    await assert.rejects(call(client, 'Never'), {
      code: status.DEADLINE_EXCEEDED,
      details: 'the request was not answered within 0.7 seconds',
    });
    assert.equal((await facts(client, 'Slow900', { deadline: 20_000 })).version, '1');
    await assert.rejects(call(client, 'Never', { deadline: 100 }), { code: status.DEADLINE_EXCEEDED });
  });

  await t.test('a client that cancels ends its call at the server too', async () => {
    const { cancelled } = JSON.parse(String((await call(client, 'Seen')).message)) as { cancelled: number };
    const stream = duplex(client, 'Never');
    stream.write(Buffer.from('x'));
    await until('the call is at the server', () => service.status().arms[0]?.servers[0]?.inFlight === 1);
    stream.cancel();
    await until('the server has seen the end', async () => {
      const seen = JSON.parse(String((await call(client, 'Seen')).message)) as { cancelled: number };
      return seen.cancelled > cancelled;
    });
  });

  await t.test('many that cancel do not cost the others their connection', async () => {
    const other = duplex(client, 'Echo');
    const first = once(other, 'data');
    other.write(Buffer.from('first'));
    await first;
    for (let at = 0; at < 30; at++) {
      const streams = Array.from({ length: 50 }, () => duplex(client, 'Never'));
      for (const stream of streams) stream.write(Buffer.from('x'));
      await until('the calls are at the server', () => service.status().inFlight === 51);
      for (const stream of streams) stream.cancel();
      await until('they are gone', () => service.status().inFlight === 1);
    }
    const second = once(other, 'data');
    other.write(Buffer.from('second'));
    assert.equal(String((await second)[0]), 'second');
    other.end();
  });

  await t.test('nothing is left in flight', async () => {
    await until('nothing is', () => service.status().inFlight === 0);
    assert.equal(service.status().arms[0]?.servers[0]?.inFlight, 0);
  });
});

test('more calls at once than allowed are UNAVAILABLE, and the others are served', async t => {
  const { client } = await readyRpc(t, arms({}), { limits: { concurrent: 4 } });
  const calls = Array.from({ length: 8 }, () => call(client, 'Slow300'));
  const ends = await Promise.allSettled(calls);
  assert.equal(ends.filter(end => end.status === 'fulfilled').length, 4);
  for (const end of ends)
    if (end.status === 'rejected') assert.equal((end.reason as { code: number }).code, status.UNAVAILABLE);
});

test('a message over the limit of the servers is RESOURCE_EXHAUSTED', async t => {
  const { client } = await readyRpc(t, arms({}));
  await assert.rejects(call(client, 'Facts', { message: Buffer.alloc(129 * 1024 * 1024) }), {
    code: status.RESOURCE_EXHAUSTED,
  });
});

test('before a server is ready a call is UNAVAILABLE', async t => {
  const service = await local(t, arms({ model: 'never' }), { grpcPort: 0 });
  await assert.rejects(call(rpcClient(t, service), 'Facts'), {
    code: status.UNAVAILABLE,
    details: "no healthy server of 'digits' answered: none is ready",
  });
});

test('closing lets what is in flight finish, and does not wait for streams that are quiet', async t => {
  const service = await local(t, arms({}), { grpcPort: 0 });
  await service.ready(AbortSignal.timeout(30_000));
  const client = rpcClient(t, service);
  const quiet = duplex(client, 'Echo');
  quiet.write(Buffer.from('x'));
  await once(quiet, 'data');
  const unasked = duplex(client, 'Echo');
  const slow = facts(client, 'Slow300');
  await until('it is in flight', () => service.status().inFlight === 2);
  const ends = Promise.all([codeOf(quiet), codeOf(unasked)]);
  const closed = service.close();
  assert.equal((await slow).version, '1');
  assert.deepEqual(await ends, [status.UNAVAILABLE, status.UNAVAILABLE]);
  await closed;
  await assert.rejects(call(client, 'Facts', { deadline: 5000 }), { code: status.UNAVAILABLE });
});

test('without a port for gRPC there is none, and its servers have none', async t => {
  const service = await readyLocal(t, arms({}));
  assert.equal(service.grpc, undefined);
  assert.equal(service.status().grpc, undefined);
});

test('a port for gRPC that is taken is told, and nothing is started', async t => {
  const service = await local(t, arms({}), { grpcPort: 0 });
  const options = { host: '127.0.0.1', program, logger: silent };
  const grpcPort = Number(/\d+$/.exec(service.grpc ?? '')?.[0]);
  await assert.rejects(
    startLocal(arms({}), 'digits', { ...options, port: 0, grpcPort }),
    (error: AppError) => error.code === 'port_taken',
  );
});
