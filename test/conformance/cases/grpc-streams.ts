/** gRPC beyond single calls of the inference service: streams, health, reflection, and gRPC's own rules. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { type Case, every, Skip } from '../case.ts';
import type { Peer } from '../peer.ts';
import { type InferMessage, type InferReply, Rpc, refusalOf } from '../rpc.ts';
import { until } from '../server.ts';
import { assertAnswered, withBytes } from './grpc.ts';

interface StreamReply {
  readonly error_message: string;
  readonly infer_response: InferReply | null;
}

/** Sends requests on one stream, and gives its messages and the code it ended with. */
async function converse(
  rpc: Rpc,
  messages: readonly InferMessage[],
  metadata = {},
): Promise<{ replies: StreamReply[]; code: number }> {
  const stream = rpc.stream('ModelStreamInfer', { metadata });
  const replies: StreamReply[] = [];
  stream.on('data', (reply: StreamReply) => replies.push(reply));
  // The status event tells the same.
  stream.on('error', () => undefined);
  const ended = new Promise<number>(resolve => stream.once('status', one => resolve(one.code)));
  for (const message of messages) stream.write(message);
  stream.end();
  return { replies, code: await ended };
}

const conversation: readonly InferMessage[] = [
  { ...withBytes, id: '1' },
  { ...withBytes, id: '2', raw_input_contents: [] },
  { ...withBytes, id: '3' },
];

const CHECK = 'grpc.health.v1.Health/Check';

async function health(peer: Peer, service: string): Promise<string> {
  return (await peer.rpc.call<{ status: string }>(CHECK, { service })).status;
}

interface ServicesReply {
  readonly list_services_response: { readonly service: readonly { readonly name: string }[] } | null;
}

export const grpcStreams: readonly Case[] = [
  {
    id: 111,
    title: 'on a stream a bad request is a message of its own, and the stream goes on',
    needs: ['grpc', 'S'],
    run: async peer => {
      const { replies, code } = await converse(peer.rpc, conversation);
      assert.equal(code, status.OK);
      const told = replies.map(({ error_message, infer_response }) => [
        error_message === '' ? 'good' : 'bad',
        infer_response?.id,
      ]);
      assert.deepEqual(told, [
        ['good', '1'],
        ['bad', '2'],
        ['good', '3'],
      ]);
    },
  },
  {
    id: 112,
    title: 'with triton_grpc_error the first bad request ends the stream with its status',
    needs: ['grpc', 'S'],
    run: async peer => {
      const { code } = await converse(peer.rpc, conversation, { triton_grpc_error: 'true' });
      // Triton 2.51 takes no notice of it.
      if (!peer.triton) assert.equal(status[code], 'INVALID_ARGUMENT');
    },
  },
  {
    id: 113,
    title: 'health checks, and a watch that hears of the shutdown',
    needs: ['grpc'],
    run: peer =>
      every({
        all: async () => assert.equal(await health(peer, ''), 'SERVING'),
        'the service': async () =>
          assert.equal(await health(peer, 'inference.GRPCInferenceService'), 'SERVING'),
        nope: () =>
          peer.triton
            ? Promise.resolve()
            : peer.rpc.refuse(CHECK, { service: 'nope' }, { code: 'NOT_FOUND' }),
        watch: () => watchToTheEnd(peer),
      }),
  },
  {
    id: 114,
    title: 'reflection lists the services',
    needs: ['grpc'],
    run: async peer => {
      if (peer.triton) throw new Skip('Triton registers no reflection');
      const stream = peer.rpc.stream('grpc.reflection.v1.ServerReflection/ServerReflectionInfo');
      stream.write({ list_services: '' });
      const [reply] = (await once(stream, 'data')) as [ServicesReply];
      stream.end();
      const names = reply.list_services_response?.service.map(({ name }) => name) ?? [];
      for (const name of ['inference.GRPCInferenceService', 'grpc.health.v1.Health'])
        assert(names.includes(name), `${name} is not among ${names.join()}`);
    },
  },
  {
    id: 115,
    title: 'an unknown method is UNIMPLEMENTED',
    needs: ['grpc'],
    run: async peer => {
      const call = peer.rpc.callRaw('/inference.GRPCInferenceService/Nothing', Buffer.alloc(0));
      assert.equal((await refusalOf(call))?.code, status.UNIMPLEMENTED);
    },
  },
  {
    id: 116,
    title: 'a request compressed with gzip is read',
    needs: ['grpc', 'S'],
    run: async peer => {
      const GZIP = 2;
      const rpc = new Rpc(peer.rpc.address, { 'grpc.default_compression_algorithm': GZIP });
      try {
        assertAnswered(await rpc.call('ModelInfer', withBytes));
      } finally {
        rpc.close();
      }
    },
  },
];

/** Well within the grace that it has: a watch is nothing to wait for. Milliseconds. */
const SOON_MS = 5000;

async function watchToTheEnd(peer: Peer): Promise<void> {
  if (!peer.starts) throw new Skip('the case must start and stop the server itself');
  const own = await peer.start({ flags: ['--drain-delay', '300ms', '--grace', '15s'] });
  const told: string[] = [];
  const watch = own.rpc.watch('grpc.health.v1.Health/Watch', { service: '' });
  watch.on('error', () => undefined);
  watch.on('data', (reply: { status: string }) => told.push(reply.status));
  await until(() => told.length > 0);
  const stopped = own.server.stop();
  const ended = await Promise.race([stopped, setTimeout(SOON_MS, undefined, { ref: false })]);
  assert.deepEqual(told, ['SERVING', 'NOT_SERVING']);
  assert.equal(ended?.code, 0, 'a client that watches holds up the end');
}
