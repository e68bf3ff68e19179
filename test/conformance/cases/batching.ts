/** Requests that share runs, and those that wait too long for theirs. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import { type InferText, type Peer, read } from '../peer.ts';
import { until } from '../server.ts';
import { only } from '../tensors.ts';
import type { Json } from '../text.ts';

/** A run of slow that takes long enough for others to come: a large fraction of a second. */
const LONG = 1200;

export function work(size: number, parameters: Json = {}): Json {
  const inputs = [{ name: 'INPUT0', datatype: 'INT64', shape: [2], data: [size, size] }];
  return { inputs, parameters };
}

/** Keeps slow busy, and returns when it is. */
export async function keepBusy(peer: Peer): Promise<{ readonly answer: Promise<InferText> }> {
  const answer = peer.infer('slow', work(LONG));
  // Whoever waits for it hears of a failure; until then nobody does.
  answer.catch(() => undefined);
  const started = /^prediction_queue_seconds_count\{[^}]*model_name="slow"[^}]*\} [1-9]/m;
  await until(async () => started.test((await peer.get('/metrics')).body.toString()));
  return { answer };
}

export const batching: readonly Case[] = [
  {
    id: 88,
    title: 'two hundred at once get their own answers',
    needs: ['F'],
    run: async peer => {
      const asked = Array.from({ length: 200 }, (_, index) => {
        const rows = (index % 3) + 1;
        return { rows, data: Array.from({ length: rows * 2 }, (__, at) => index * 10 + at) };
      });
      const answers = await Promise.all(
        asked.map(({ rows, data }) => peer.infer('F', only('FP32', [rows, 2], data))),
      );
      for (const [index, { outputs }] of answers.entries())
        assert.deepEqual(outputs[0]?.data, asked[index]?.data, `answer ${index}`);
    },
  },
  {
    id: 89,
    title: 'one bad row among many requests fails its own request only',
    needs: ['lookup'],
    run: async peer => {
      const index = (at: number): number => (at === 17 ? 99 : at % 4);
      const asked = Array.from({ length: 40 }, (_, at) =>
        peer.send(peer.request('lookup', only('INT64', [1], [index(at)]))),
      );
      for (const [at, answer] of (await Promise.all(asked)).entries()) {
        if (index(at) === 99) peer.refused(answer, [400, 500]);
        else
          assert.deepEqual(
            (read(answer) as InferText).outputs[0]?.data,
            [(index(at) + 1) * 10],
            `answer ${at}`,
          );
      }
    },
  },
  {
    id: 90,
    title: 'a full queue refuses what comes on top with 503',
    needs: ['own'],
    run: async peer => {
      const own = await peer.start({ flags: ['--max-in-flight', '2'] });
      const busy = await keepBusy(own);
      const others = Array.from({ length: 4 }, () => own.send(own.request('slow', work(8))));
      const answers = await Promise.all(others);
      await busy.answer;
      const refused = answers.filter(({ status }) => status !== 200);
      assert.equal(refused.length, 3, `of four, ${4 - refused.length} were taken`);
      await every(
        Object.fromEntries(
          refused.map((answer, index) => [
            `refusal ${index}`,
            async () => own.refused(answer, 503, { says: /Exceeds maximum queue size/ }),
          ]),
        ),
      );
    },
  },
  {
    id: 91,
    title: 'a request that may wait a microsecond is refused when another runs',
    needs: ['own'],
    run: async peer => {
      const own = await peer.start({});
      const busy = await keepBusy(own);
      const request = own.request('slow', work(8, { timeout: 1 }));
      const answer = await own.send(request);
      await busy.answer;
      own.refused(answer, [503, 504], { says: /Request timeout expired/, of: request });
    },
  },
];
