/** Shapes: what a request claims, what it brings, and what the model wants. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import type { Request } from '../http.ts';
import { type InferText, type Peer, read } from '../peer.ts';
import { binaryInput, framed, input, only, pair } from '../tensors.ts';
import type { Json } from '../text.ts';

const [FIRST, SECOND] = pair() as [Record<string, Json>, Record<string, Json>];

const shape = (value: Json, data: Json = FIRST['data']): Json => ({
  inputs: [input('INPUT0', 'INT32', value, data), SECOND],
});
const missing: Json = { inputs: [{ name: 'INPUT0', datatype: 'INT32', data: FIRST['data'] }, SECOND] };
const numbers = (count: number): Json => Array.from({ length: count }, () => 1);

/** Sends S a body that must be refused with 400. */
async function refuse(
  peer: Peer,
  body: Json,
  says: RegExp = /./,
  triton: number | number[] = [],
): Promise<void> {
  await peer.refuse(peer.request('S', body), 400, says, { triton });
}

/** Sends what must be refused with 400, without memory for what its shape claims. */
async function refuseHuge(peer: Peer, request: Request, says: RegExp): Promise<void> {
  const before = peer.memory();
  await peer.refuse(request, 400, says, { triton: 500 });
  const after = peer.memory();
  if (before === undefined || after === undefined) return;
  assert(after - before < 64 * 2 ** 20, `memory grew by ${after - before} bytes`);
}

export const shapes: readonly Case[] = [
  {
    id: 30,
    title: 'a wrong size is refused',
    needs: ['S'],
    run: peer => refuse(peer, { inputs: pair(1, 15) }, /unexpected shape for input/),
  },
  {
    id: 31,
    title: 'a wrong number of dimensions is refused',
    needs: ['S'],
    run: peer => refuse(peer, shape([16])),
  },
  {
    id: 32,
    title: 'fewer or more elements than the shape says are refused',
    needs: ['S'],
    run: peer =>
      every({
        '15 values': () => refuse(peer, shape([1, 16], numbers(15)), /./, 500),
        '17 values': () => refuse(peer, shape([1, 16], numbers(17)), /./, 500),
      }),
  },
  {
    id: 33,
    title: 'what is no shape is refused',
    needs: ['S'],
    run: peer => {
      const wrong = (value: Json) => () => refuse(peer, value, /./, 500);
      return every({
        '[1,-16]': wrong(shape([1, -16])),
        '[1,1.5]': wrong(shape([1, 1.5])),
        '["1",16]': wrong(shape(['1', 16])),
        null: wrong(shape(null)),
        missing: wrong(missing),
      });
    },
  },
  {
    id: 34,
    title: 'a shape whose product wraps round 64 bits is refused at once',
    needs: ['F'],
    run: peer => refuseHuge(peer, peer.request('F', only('FP32', [16, 1152921504606846978n], [1])), /exceed/),
  },
  {
    id: 35,
    title: 'a shape whose bytes wrap round 64 bits is refused',
    needs: ['F'],
    run: peer => refuseHuge(peer, peer.request('F', only('FP32', [4, 1152921504606846978n], [1])), /./),
  },
  {
    id: 36,
    title: 'a shape of 2^64 elements and no bytes is refused',
    needs: ['F'],
    run: peer => {
      const tensor = binaryInput('INPUT0', 'FP32', [4294967296, 4294967296], 0);
      const { body, headers } = framed({ inputs: [tensor] });
      return refuseHuge(peer, peer.request('F', body, headers), /./);
    },
  },
  {
    id: 37,
    title: 'a size of zero is legal',
    needs: ['F'],
    run: async peer => {
      const { outputs } = await peer.infer('F', only('FP32', [1, 0], []));
      assert.deepEqual([outputs[0]?.shape, outputs[0]?.data], [[1, 0], []]);
    },
  },
  {
    id: 38,
    title: 'data that is empty, no list, or missing is refused',
    needs: ['F'],
    run: peer => {
      const wrong = (data: Json) => async () =>
        void (await peer.refuse(peer.request('F', only('FP32', [1, 2], data)), 400, /./, { triton: 500 }));
      return every({
        '[]': wrong([]),
        number: wrong(7),
        string: wrong('x'),
        missing: wrong(undefined),
      });
    },
  },
  {
    id: 39,
    title: 'a model of no dimension takes one element and no shape',
    needs: ['scalar'],
    run: async peer => {
      const answer = await peer.send(peer.request('scalar', only('FP32', [], [3.5])));
      if (peer.triton && answer.status === 400) return;
      assert.equal(answer.status, 200, answer.body.toString());
      const { outputs } = read(answer) as InferText;
      assert.deepEqual([outputs[0]?.shape, outputs[0]?.data], [[], [3.5]]);
    },
  },
];
