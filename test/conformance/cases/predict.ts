/** The plain protocol, and the metrics that both protocols end in. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import type { Answer } from '../http.ts';
import { type Peer, read } from '../peer.ts';
import { type Json, verbatim } from '../text.ts';

/** A model that wants four columns, so that there is a width to get wrong. */
const PREDICT = '/models/labelled/predict';
const ROWS = [
  [1, 5, 10, 4],
  [0, 0, 0, 1],
];

interface Prediction {
  readonly predictions: readonly unknown[];
  readonly model_version: unknown;
  readonly prediction_time: unknown;
}

const predict = (peer: Peer, body: Json): Promise<Answer> => peer.post(PREDICT, body);

/** A sample of the metrics page: its value, or undefined. */
function sample(page: string, name: string, ...labels: readonly string[]): number | undefined {
  const lines = page.split('\n').filter(line => line.startsWith(`${name}{`));
  const found = lines.find(line => labels.every(label => line.includes(label)));
  return found === undefined ? undefined : Number(found.split(' ').at(-1));
}

const MODEL = 'model_name="labelled"';

async function metricsPage(peer: Peer): Promise<string> {
  return (await peer.good({ path: '/metrics' })).body.toString();
}

function count(page: string, status: string): number {
  return sample(page, 'prediction_requests_total', MODEL, `status="${status}"`) ?? 0;
}

export const predictCases: readonly Case[] = [
  {
    id: 133,
    title: 'POST predict answers as many predictions as rows, a version, and a time',
    needs: ['labelled', 'plain'],
    run: async peer => {
      const answer = await predict(peer, { inputs: ROWS });
      assert.equal(answer.status, 200, answer.body.toString());
      const body = read(answer) as Prediction;
      assert.deepEqual(Object.keys(body).toSorted(), ['model_version', 'prediction_time', 'predictions']);
      assert.deepEqual(body.predictions, ROWS);
      assert.equal(body.model_version, '1');
      assert(typeof body.prediction_time === 'number' && body.prediction_time >= 0);
    },
  },
  {
    id: 134,
    title: 'what POST predict cannot use is 422 with the place, and GET is 405',
    needs: ['labelled', 'plain'],
    run: peer => {
      const wrong = (body: Json) => async () => {
        const answer = await predict(peer, body);
        assert.equal(answer.status, 422, answer.body.toString());
        const { detail } = read(answer) as { detail: { loc: unknown; msg: unknown; type: unknown }[] };
        assert.deepEqual(
          detail.map(({ loc, msg, type }) => [Array.isArray(loc), typeof msg, typeof type]),
          [[true, 'string', 'string']],
        );
      };
      return every({
        '{}': wrong({}),
        'inputs "x"': wrong({ inputs: 'x' }),
        'a wrong width': wrong({ inputs: [[1, 2]] }),
        'bad JSON': wrong(verbatim('{')),
        GET: async () => assert.equal((await peer.get(PREDICT)).status, 405),
      });
    },
  },
  {
    id: 135,
    title: 'the metrics count each outcome, and the histogram agrees with itself',
    needs: ['labelled', 'plain'],
    run: async peer => {
      const before = await metricsPage(peer);
      await predict(peer, { inputs: ROWS });
      await predict(peer, { inputs: 'x' });
      const after = await metricsPage(peer);
      const grown = (status: string): number => count(after, status) - count(before, status);
      assert.deepEqual([grown('success'), grown('client_error')], [1, 1]);
      const NAME = 'prediction_latency_seconds';
      const total = sample(after, `${NAME}_count`, MODEL);
      assert.equal(total, count(after, 'success'));
      assert.equal(sample(after, `${NAME}_bucket`, MODEL, 'le="+Inf"'), total);
      assert((sample(after, `${NAME}_sum`, MODEL) ?? 0) > 0, 'the sum of latencies');
    },
  },
];
