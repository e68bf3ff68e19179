/** The inference protocol over gRPC, asked by the client library that others wrote. */
import assert from 'node:assert/strict';
import { status } from '@grpc/grpc-js';
import { type Case, every, Skip } from '../case.ts';
import { type FixtureName, fixtures } from '../fixtures.ts';
import { controlled } from '../own.ts';
import { modelPath, type Peer, read } from '../peer.ts';
import { type InferMessage, type InferReply, type Refusal, refusalOf, type TensorMessage } from '../rpc.ts';
import { until } from '../server.ts';
import { floats, int32s, strings } from '../tensors.ts';
import { slowMetric } from './batching.ts';

const counted = Array.from({ length: 16 }, (_, index) => index);
const ones = counted.map(() => 1);
const sums = int32s(...counted.map(value => value + 1));
const differences = int32s(...counted.map(value => value - 1));
const INVALID = 'INVALID_ARGUMENT';
const SHAPE = [1, 16];

const tensor = (name: string, contents?: TensorMessage['contents'], datatype = 'INT32'): TensorMessage => ({
  name,
  datatype,
  shape: SHAPE,
  ...(contents !== undefined && { contents }),
});

/** S's request with typed contents. */
const withContents: InferMessage = {
  model_name: fixtures.S.name,
  inputs: [tensor('INPUT0', { int_contents: counted }), tensor('INPUT1', { int_contents: ones })],
};

/** S's request with bytes. */
export const withBytes: InferMessage = {
  model_name: fixtures.S.name,
  inputs: [tensor('INPUT0'), tensor('INPUT1')],
  raw_input_contents: [int32s(...counted), int32s(...ones)],
};

/** A request of a model with the one input INPUT0. */
function single(
  model: FixtureName,
  datatype: string,
  shape: TensorMessage['shape'],
  raw?: Buffer,
): InferMessage {
  const inputs = [{ name: 'INPUT0', datatype, shape }];
  return {
    model_name: fixtures[model].name,
    inputs,
    ...(raw !== undefined && { raw_input_contents: [raw] }),
  };
}

const ask = (peer: Peer, message: InferMessage): Promise<InferReply> => peer.rpc.call('ModelInfer', message);

function refuse(peer: Peer, message: InferMessage, refusal: Refusal): () => Promise<void> {
  return () => peer.rpc.refuse('ModelInfer', message, refusal);
}

export function assertAnswered({ outputs, raw_output_contents }: InferReply): void {
  assert.deepEqual(
    outputs.map(({ name, shape, contents }) => [name, shape, contents ?? null]),
    [
      ['OUTPUT0', ['1', '16'], null],
      ['OUTPUT1', ['1', '16'], null],
    ],
  );
  assert.deepEqual(raw_output_contents, [sums, differences]);
}

export const grpc: readonly Case[] = [
  {
    id: 100,
    title: 'live, ready and metadata are as over REST',
    needs: ['grpc', 'S'],
    run: peer =>
      every({
        ServerLive: async () => assert.deepEqual(await peer.rpc.call('ServerLive', {}), { live: true }),
        ServerReady: async () => assert.deepEqual(await peer.rpc.call('ServerReady', {}), { ready: true }),
        ServerMetadata: async () => {
          const told = await peer.rpc.call('ServerMetadata', {});
          assert.deepEqual(told, read(await peer.good({ path: '/v2' })));
        },
        ModelMetadata: async () => {
          const told = await peer.rpc.call<object>('ModelMetadata', { name: fixtures.S.name });
          const { inputs, outputs, name, versions, platform } = read(
            await peer.good({ path: modelPath('S') }),
          ) as Record<string, unknown>;
          assert.deepEqual(told, asStrings({ name, versions, platform, inputs, outputs }));
        },
      }),
  },
  {
    id: 101,
    title: 'ModelReady of an unknown or unloaded model is false',
    needs: ['grpc'],
    run: peer =>
      every({
        unknown: async () => {
          const reply = await peer.rpc
            .call<{ ready: boolean }>('ModelReady', { name: 'nope' })
            .catch(error => {
              if ((error as { code?: number }).code === status.NOT_FOUND) return { ready: false };
              throw error;
            });
          assert.equal(reply.ready, false);
        },
        unloaded: async () => {
          if (!peer.starts) throw new Skip('the case must start the server itself');
          const { peer: own } = await controlled(peer, [fixtures.S]);
          await own.rpc.call('RepositoryModelUnload', { model_name: fixtures.S.name });
          const reply = await own.rpc.call('ModelReady', { name: fixtures.S.name });
          assert.deepEqual(reply, { ready: false });
        },
      }),
  },
  {
    id: 102,
    title: 'contents and bytes are answered alike, in bytes',
    needs: ['grpc', 'S'],
    run: peer =>
      every({
        contents: async () => assertAnswered(await ask(peer, withContents)),
        bytes: async () => assertAnswered(await ask(peer, withBytes)),
      }),
  },
  {
    id: 103,
    title: 'contents beside bytes are refused',
    needs: ['grpc', 'S'],
    run: peer => {
      const raw_input_contents = withBytes.raw_input_contents ?? [];
      const says = /contents field must not be specified/;
      return refuse(peer, { ...withContents, raw_input_contents }, { code: INVALID, says })();
    },
  },
  {
    id: 104,
    title: 'fewer or more bytes than inputs are refused',
    needs: ['grpc', 'S'],
    run: peer => {
      const [first, second] = withBytes.raw_input_contents as [Buffer, Buffer];
      const many = peer.triton ? ([INVALID, 'OK'] as const) : INVALID;
      return every({
        one: refuse(peer, { ...withBytes, raw_input_contents: [first] }, { code: INVALID }),
        three: refuse(peer, { ...withBytes, raw_input_contents: [first, second, first] }, { code: many }),
      });
    },
  },
  {
    id: 105,
    title: 'bytes too few, contents of another type, or out of range are refused',
    needs: ['grpc', 'S', 'I8'],
    run: peer => {
      const [first, second] = withBytes.raw_input_contents as [Buffer, Buffer];
      const [, other] = withContents.inputs as [TensorMessage, TensorMessage];
      const int8 = {
        ...single('I8', 'INT8', [1]),
        inputs: [{ name: 'INPUT0', datatype: 'INT8', shape: [1], contents: { int_contents: [300] } }],
      };
      return every({
        '63 bytes': refuse(
          peer,
          { ...withBytes, raw_input_contents: [first.subarray(1), second] },
          { code: INVALID },
        ),
        'floats for INT32': refuse(
          peer,
          { ...withContents, inputs: [tensor('INPUT0', { fp32_contents: counted }), other] },
          { code: INVALID },
        ),
        '300 for INT8': refuse(peer, int8, { code: peer.triton ? [INVALID, 'OK'] : INVALID }),
      });
    },
  },
  {
    id: 106,
    title: 'a negative size, and a shape beyond 64 bits, are refused',
    needs: ['grpc', 'F'],
    run: peer =>
      every({
        '-1': refuse(peer, single('F', 'FP32', [-1, 16], floats(...counted)), { code: INVALID }),
        '2^62': refuse(peer, single('F', 'FP32', [2n ** 62n, 2n ** 62n].map(String), floats(1)), {
          code: INVALID,
        }),
      }),
  },
  {
    id: 107,
    title: 'unknown models and versions are NOT_FOUND, and a version that is no number invalid',
    needs: ['grpc', 'S'],
    run: peer => {
      const model = (model_name: string, model_version = '') => ({ ...withBytes, model_name, model_version });
      const { name } = fixtures.S;
      return every({
        model: refuse(peer, model('nope'), { code: 'NOT_FOUND', says: /unknown model: 'nope' is not found/ }),
        version: refuse(peer, model(name, '99'), { code: 'NOT_FOUND', says: /version 99 is not found/ }),
        'no number': refuse(peer, model(name, 'x'), { code: INVALID }),
      });
    },
  },
  {
    id: 108,
    title: 'FP16 and BYTES go through',
    needs: ['grpc', 'H', 'B'],
    run: peer => {
      const half = Buffer.from('003c00c0', 'hex');
      const bytes = strings('ab', '');
      return every({
        'FP16 bytes': async () =>
          assert.deepEqual((await ask(peer, single('H', 'FP16', [1, 2], half))).raw_output_contents, [half]),
        'BYTES bytes': async () =>
          assert.deepEqual((await ask(peer, single('B', 'BYTES', [1, 2], bytes))).raw_output_contents, [
            bytes,
          ]),
        'BYTES contents': async () => {
          const contents = { bytes_contents: [Buffer.from('ab'), Buffer.alloc(0)] };
          const inputs = [{ name: 'INPUT0', datatype: 'BYTES', shape: [1, 2], contents }];
          const { raw_output_contents } = await ask(peer, { ...single('B', 'BYTES', [1, 2]), inputs });
          assert.deepEqual(raw_output_contents, [bytes]);
        },
      });
    },
  },
  {
    id: 109,
    title: 'tensors of 5 and of 64 MiB go through',
    needs: ['grpc', 'F'],
    run: async peer => {
      const echo = (to: Peer, mebibytes: number) => async () => {
        const sent = Buffer.alloc(mebibytes * 2 ** 20, 1);
        const { raw_output_contents } = await ask(to, single('F', 'FP32', [1, sent.length / 4], sent));
        assert(raw_output_contents[0]?.equals(sent), 'other bytes came back');
      };
      return every({
        '5 MiB': echo(peer, 5),
        '64 MiB': async () => {
          if (!peer.starts) return echo(peer, 64)();
          return echo(await peer.start({ fixtures: [fixtures.F], flags: ['--max-body', '80Mi'] }), 64)();
        },
      });
    },
  },
  {
    id: 110,
    title: 'a deadline of a millisecond on a slow model ends the call, and the work that waited',
    needs: ['grpc', 'own'],
    run: async peer => {
      const own = await peer.start({});
      const slow = (size: number): InferMessage => {
        const raw = Buffer.from(BigInt64Array.from([size, size].map(BigInt)).buffer);
        return single('slow', 'INT64', [2], raw);
      };
      // Opened before the clock of the short deadline runs.
      await own.rpc.call('ServerLive', {});
      const busy = ask(own, slow(1200));
      const error = await refusalOf(own.rpc.call('ModelInfer', slow(1200), { deadlineMs: 1 }));
      assert.equal(error?.code, status.DEADLINE_EXCEEDED);
      await busy;
      await until(async () => (await slowMetric(own, 'predictions_in_flight')) === 0);
      assert.equal(await slowMetric(own, 'prediction_batch_rows_count'), 1, 'runs of the model');
    },
  },
];

/** 64-bit numbers come as strings. */
function asStrings(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, one: unknown) =>
    typeof one === 'number' ? String(one) : one,
  );
}
