/** Requests that share runs, and those that wait too long for theirs. */
import assert from 'node:assert/strict';
import type { Case } from '../case.ts';
import { sendRaw, statuses as statusesOf, wire } from '../http.ts';
import { type InferText, modelPath, type Peer, read } from '../peer.ts';
import { until } from '../server.ts';
import { only } from '../tensors.ts';
import { type Json, textOf } from '../text.ts';

/** A run of slow of some hundredths of a second, so that something is told between two of them. */
const LONG = 640;

/** Half a second of such runs. */
export const MANY = 24;

export function work(size = LONG, parameters: Json = {}): Json {
  const inputs = [{ name: 'INPUT0', datatype: 'INT64', shape: [2], data: [size, size] }];
  return { inputs, parameters };
}

/** Requests under way: their statuses, once all are answered. */
export interface Busy {
  readonly statuses: Promise<readonly string[]>;
}

/**
 * Gives slow more work than it does at once, on a connection for each request or on one for all, and returns while some
 * of it is under way. A runtime may hold up the whole server while it runs: then nothing is told but between two runs.
 */
export async function keepBusy(peer: Peer, connections: 'many' | 'one' = 'many'): Promise<Busy> {
  // From here on it has a connection.
  await slowMetric(peer, 'predictions_in_flight');
  const bodies = Array.from({ length: MANY }, () => work());
  const received =
    connections === 'one'
      ? together(peer, bodies)
      : Promise.all(bodies.map(one => together(peer, [one]))).then(all => all.join(''));
  const statuses = received.then(statusesOf);
  // Whoever waits for it hears of a failure; until then nobody does.
  statuses.catch(() => undefined);
  await until(async () => (await slowMetric(peer, 'predictions_in_flight')) > 0);
  return { statuses };
}

/**
 * A metric of slow, from a fairlead; NaN when there is none. Asked over the connection that `fetch` keeps: a busy server
 * may take new connections one by one, between its runs.
 */
export async function slowMetric({ place }: Peer, name: string): Promise<number> {
  const page = await (await fetch(`${place.http}/metrics`)).text();
  return Number(new RegExp(`^${name}\\{[^}]*model_name="slow"[^}]*\\} (\\S+)`, 'm').exec(page)?.[1]);
}

/** Sends slow bodies in one write on one connection, so that they arrive together; gives all that comes back. */
async function together(peer: Peer, bodies: readonly Json[]): Promise<string> {
  const path = `${modelPath('slow')}/infer`;
  const texts = bodies.map((body, index) => {
    const more = index === bodies.length - 1 ? 'Connection: close\r\n' : '';
    return wire('POST', path, { body: textOf(body), more });
  });
  return sendRaw(peer.place.http, texts.join(''));
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
      const received = await together(own, [work(), work(8), work(8), work(8)]);
      assert.deepEqual(statusesOf(received), ['200', '200', '503', '503']);
      assert.match(received, /Exceeds maximum queue size/, 'its words');
    },
  },
  {
    id: 91,
    title: 'a request that may wait a microsecond is refused when another runs',
    needs: ['own'],
    run: async peer => {
      const own = await peer.start({});
      const received = await together(own, [work(), work(8, { timeout: 1 })]);
      const [first, second = ''] = statusesOf(received);
      assert.equal(first, '200');
      assert(['429', '503', '504'].includes(second), `429, 503 or 504 is expected, not ${second}`);
      assert.match(received, /Request timeout expired/, 'its words');
    },
  },
];
