import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { call, codeOf, duplex, facts, readyRpc } from '../fixtures/rpc-client.ts';
import { arms, until } from '../fixtures/service.ts';

test('a call that broke before its answer began is sent once more, to another server', async t => {
  const { service, client } = await readyRpc(t, arms({ replicas: 2 }));
  for (const [index, path] of ['Reset', 'Cut'].entries()) {
    await assert.rejects(call(client, path), { code: status.UNAVAILABLE });
    assert.equal(service.status().retries, index + 1);
  }
  assert.equal(service.status().failed, 2);
});

test('an answer that breaks off within is the end of its call', async t => {
  const { service, client } = await readyRpc(t, arms({ replicas: 2 }));
  const stream = duplex(client, 'CutLater');
  const first = once(stream, 'data');
  const ended = codeOf(stream);
  stream.end();
  assert.equal(String((await first)[0]), 'first');
  assert.equal(await ended, status.UNAVAILABLE);
  assert.deepEqual([service.status().retries, service.status().failed], [0, 1]);
});

test('a unary answer that breaks off has reached nobody, and is asked for again', async t => {
  const { service, client } = await readyRpc(t, arms({ replicas: 2 }));
  // The fixture breaks off again, at the second server.
  await assert.rejects(call(client, '/inference.GRPCInferenceService/CutLater'), {
    code: status.UNAVAILABLE,
  });
  assert.deepEqual([service.status().retries, service.status().failed], [1, 1]);
});

test('messages that were kept are sent again; those over the limit are not kept', async t => {
  const { service, client } = await readyRpc(t, arms({ replicas: 2 }), { limits: { replayBytes: 500_000 } });
  const [first] = service.status().arms[0]?.servers ?? [];
  process.kill(Number(first?.pid), 'SIGSTOP');
  const message = Buffer.alloc(400_000, 'k');
  const held = Promise.all(Array.from({ length: 4 }, () => facts(client, 'Facts', { message })));
  await until('the stopped server holds calls', () => {
    return (service.status().arms[0]?.servers[0]?.inFlight ?? 0) >= 2;
  });
  process.kill(Number(first?.pid), 'SIGKILL');
  for (const { bytes } of await held) assert.equal(bytes, message.length + 5);
  assert.ok(service.status().retries >= 2);
  assert.equal(service.status().failed, 0);
  await assert.rejects(call(client, 'Reset', { message: Buffer.alloc(600_000) }), {
    code: status.UNAVAILABLE,
  });
});

test('a killed server costs eight callers no call', async t => {
  const { service, client } = await readyRpc(t, arms({ replicas: 2 }));
  let made = 0;
  const end = new AbortController();
  const caller = async (): Promise<void> => {
    for (; !end.signal.aborted; made++) await call(client, 'Facts', { message: Buffer.from('x') });
  };
  const callers = Promise.all(Array.from({ length: 8 }, caller));
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const before = made;
    await until('there is load', () => made > before + 300);
    const [first] = service.status().arms[0]?.servers ?? [];
    process.kill(Number(first?.pid), signal);
    await until('it was started again', () => {
      const [now] = service.status().arms[0]?.servers ?? [];
      return now?.state === 'healthy' && now.pid !== first?.pid;
    });
  }
  end.abort();
  await callers;
  assert.equal(service.status().failed, 0);
});
