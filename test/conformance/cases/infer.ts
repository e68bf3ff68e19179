/** Infer requests in JSON: names, order, rows, and what a request may leave out or say twice. */
import assert from 'node:assert/strict';
import { type Case, every, Skip } from '../case.ts';
import { fixtures } from '../fixtures.ts';
import { type InferText, modelPath, type Peer, read } from '../peer.ts';
import { pair } from '../tensors.ts';
import type { Json } from '../text.ts';

const sums = Array.from({ length: 16 }, (_, index) => index + 1);
const differences = Array.from({ length: 16 }, (_, index) => index - 1);
const [FIRST, SECOND] = pair() as [Record<string, Json>, Record<string, Json>];

/** Sends S a body that must be refused with 400. */
async function refuse(
  peer: Peer,
  body: Json,
  says: RegExp = /./,
  triton: number | number[] = [],
): Promise<void> {
  await peer.refuse(peer.request('S', body), 400, says, { triton });
}

function assertAnswered({ outputs }: InferText): void {
  assert.deepEqual(
    outputs.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data })),
    [
      { name: 'OUTPUT0', datatype: 'INT32', shape: [1, 16], data: sums },
      { name: 'OUTPUT1', datatype: 'INT32', shape: [1, 16], data: differences },
    ],
  );
}

interface Counts {
  readonly inference_count: number;
  readonly execution_count: number;
}

async function counts(peer: Peer): Promise<Counts> {
  const answer = await peer.good({ path: `${modelPath('S')}/stats` });
  const [stats] = (read(answer) as { model_stats: Counts[] }).model_stats;
  assert(stats !== undefined, 'model_stats is empty');
  return stats;
}

const names = ({ outputs }: InferText): string[] => outputs.map(({ name }) => name);

export const infer: readonly Case[] = [
  {
    id: 14,
    title: 'two inputs, flat data, an id',
    needs: ['S'],
    run: async peer => {
      const answer = await peer.infer('S', { id: '42', inputs: pair() });
      assert.deepEqual([answer.id, answer.model_name, answer.model_version], ['42', fixtures.S.name, '1']);
      assertAnswered(answer);
    },
  },
  {
    id: 15,
    title: 'nested data is answered as flat data is',
    needs: ['S'],
    run: async peer => {
      const nested = pair().map(one => ({ ...one, data: [one['data']] }));
      assertAnswered(await peer.infer('S', { inputs: nested }));
    },
  },
  {
    id: 16,
    title: 'eight rows are one run of eight inferences',
    needs: ['S'],
    run: peer =>
      every({
        answer: async () => {
          const { outputs } = await peer.infer('S', { inputs: pair(8) });
          assert.deepEqual(outputs[0]?.shape, [8, 16]);
          assert.equal(outputs[0].data?.length, 128);
        },
        statistics: async () => {
          const before = await counts(peer);
          await peer.infer('S', { inputs: pair(8) });
          const after = await counts(peer);
          assert.equal(after.inference_count - before.inference_count, 8);
          assert.equal(after.execution_count - before.execution_count, 1);
        },
      }),
  },
  {
    id: 17,
    title: 'nine rows, where the model takes eight, are refused',
    needs: ['S'],
    run: async peer => {
      if (!peer.own) return refuse(peer, { inputs: pair(9) }, /batch-size must be <= 8/);
      const { outputs } = await peer.infer('S', { inputs: pair(9) });
      assert.deepEqual(outputs[0]?.shape, [9, 16]);
      throw new Skip(
        'fairlead answers a request of any number of rows: --max-rows bounds those that requests share, and no limit of the model itself is read',
      );
    },
  },
  {
    id: 18,
    title: 'inputs of one and of two rows are refused',
    needs: ['S'],
    run: peer => refuse(peer, { inputs: [FIRST, pair(2)[1]] }, /batch size does not match/),
  },
  {
    id: 19,
    title: 'only the outputs asked for are answered',
    needs: ['S'],
    run: async peer => {
      const answer = await peer.infer('S', { inputs: pair(), outputs: [{ name: 'OUTPUT1' }] });
      assert.deepEqual(names(answer), ['OUTPUT1']);
      assert.deepEqual(answer.outputs[0]?.data, differences);
    },
  },
  {
    id: 20,
    title: 'an empty list of outputs asks for all',
    needs: ['S'],
    run: async peer => assertAnswered(await peer.infer('S', { inputs: pair(), outputs: [] })),
  },
  {
    id: 21,
    title: 'an unknown output is refused',
    needs: ['S'],
    run: peer =>
      refuse(
        peer,
        { inputs: pair(), outputs: [{ name: 'DUMMY' }] },
        /unexpected inference output 'DUMMY' for model/,
      ),
  },
  {
    id: 22,
    title: 'an output asked for twice is refused',
    needs: ['S'],
    run: peer => {
      const outputs = [{ name: 'OUTPUT0' }, { name: 'OUTPUT0' }];
      return refuse(peer, { inputs: pair(), outputs }, /already exists in request/, 200);
    },
  },
  {
    id: 23,
    title: 'the order of inputs does not matter',
    needs: ['S'],
    run: async peer => assertAnswered(await peer.infer('S', { inputs: [SECOND, FIRST] })),
  },
  {
    id: 24,
    title: 'a missing input is refused',
    needs: ['S'],
    run: peer => refuse(peer, { inputs: [FIRST] }, /expected 2 inputs but got 1/),
  },
  {
    id: 25,
    title: 'a third input is refused',
    needs: ['S'],
    run: peer => refuse(peer, { inputs: [...pair(), { ...FIRST, name: 'ZZZ' }] }),
  },
  {
    id: 26,
    title: 'an unknown input is refused, though the count is right',
    needs: ['S'],
    run: peer =>
      refuse(peer, { inputs: [FIRST, { ...SECOND, name: 'ZZZ' }] }, /unexpected inference input 'ZZZ'/),
  },
  {
    id: 27,
    title: 'an input given twice is refused',
    needs: ['S'],
    run: peer => refuse(peer, { inputs: [FIRST, FIRST] }, /already exists/),
  },
  {
    id: 28,
    title: 'another datatype than the model wants is refused',
    needs: ['S'],
    run: peer =>
      refuse(
        peer,
        { inputs: [{ ...FIRST, datatype: 'FP32' }, SECOND] },
        /data-type is 'FP32', but model 'simple' expects 'INT32'/,
      ),
  },
  {
    id: 29,
    title: 'what is no datatype is refused',
    needs: ['S'],
    run: peer => {
      const wrong = (datatype: Json) => () =>
        refuse(peer, { inputs: [{ ...FIRST, datatype }, SECOND] }, /./, 500);
      return every({
        FLOAT: wrong('FLOAT'),
        int32: wrong('int32'),
        number: wrong(5),
        missing: wrong(undefined),
      });
    },
  },
];
