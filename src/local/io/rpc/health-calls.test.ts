import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { call, codeOf, rpcClient } from '../fixtures/rpc-client.ts';
import { arms, local, until } from '../fixtures/service.ts';

test("health is the gateway's own", async t => {
  const service = await local(t, arms({ model: 'readyAfter=300' }), { grpcPort: 0 });
  const client = rpcClient(t, service);
  const health = (method: string, name = ''): Promise<string> => {
    const message = Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]);
    return call(client, `/grpc.health.v1.Health/${method}`, { message }).then(told =>
      told.message.toString('hex'),
    );
  };
  const watch = client.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    () => Buffer.alloc(0),
    bytes => bytes.toString('hex'),
    undefined,
  );
  const told: string[] = [];
  watch.on('data', (said: string) => told.push(said));
  watch.on('error', () => undefined);

  await until('it tells', () => told.length === 1);
  assert.equal(await health('Check'), '0802');
  await service.ready(AbortSignal.timeout(30_000));
  assert.equal(await health('Check'), '0801');
  assert.equal(await health('Check', 'inference.GRPCInferenceService'), '0801');
  assert.match(await health('List'), /^0a06(?:0a00)?1202/);
  await assert.rejects(health('Check', 'nobody'), { code: status.NOT_FOUND });
  await until('who watches has heard', () => told.length === 2);
  const ended = codeOf(watch);
  await service.close();
  assert.equal(await ended, status.UNAVAILABLE);
  assert.deepEqual(told, ['0802', '0801', '0802']);
});
