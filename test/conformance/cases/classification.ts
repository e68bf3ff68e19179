/** The classification extension: the largest elements of an output, with their labels. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import type { FixtureName } from '../fixtures.ts';
import type { Request } from '../http.ts';
import { type OutputText, type Peer, read } from '../peer.ts';
import { only } from '../tensors.ts';
import type { Json } from '../text.ts';

function request(peer: Peer, classification: Json, model: FixtureName = 'labelled'): Request {
  const body = model === 'B' ? only('BYTES', [1, 2], ['a', 'b']) : only('FP32', [1, 4], [1, 5, 10, 4]);
  const outputs = [{ name: 'OUTPUT0', parameters: { classification } }];
  return peer.request(model, { ...(body as Record<string, Json>), outputs });
}

async function output(peer: Peer, one: Request): Promise<OutputText | undefined> {
  return (read(await peer.good(one)) as { outputs: OutputText[] }).outputs[0];
}

export const classification: readonly Case[] = [
  {
    id: 86,
    title: 'the two largest of four, each with its value, index and label',
    needs: ['labelled'],
    run: async peer => {
      const { datatype, shape, data } = (await output(peer, request(peer, 2))) ?? {};
      assert.deepEqual([datatype, shape], ['BYTES', [1, 2]]);
      assert.deepEqual(data, ['10.000000:2:cat', '5.000000:1:bee']);
    },
  },
  {
    id: 87,
    title: 'what is not to be classified is refused, and no more than there are are answered',
    needs: ['labelled'],
    run: peer =>
      every({
        strings: async () => {
          const lack = await peer.lacks(['B']);
          assert.equal(lack, undefined);
          await peer.refuse(request(peer, 1, 'B'), 400, /./, { triton: 500 });
        },
        '0': async () => {
          const answer = await peer.send(request(peer, 0));
          if (answer.status !== 200) return peer.refused(answer, 400, { triton: 500 });
          assert.equal((read(answer) as { outputs: OutputText[] }).outputs[0]?.datatype, 'FP32');
        },
        '"2"': async () => void (await peer.refuse(request(peer, '2'), 400, /./, { triton: 500 })),
        '99': async () => {
          const found = await output(peer, request(peer, 99));
          assert.deepEqual([found?.datatype, found?.shape], ['BYTES', [1, 4]]);
        },
      }),
  },
];
