/** HTTP itself: methods, types, framing, connections and paths. */
import assert from 'node:assert/strict';
import { type Case, every } from '../case.ts';
import { type Answer, exchange, open, type Request, sendRaw, statuses, wire } from '../http.ts';
import { type InferText, modelPath, type Peer, read } from '../peer.ts';
import { until } from '../server.ts';
import { pair } from '../tensors.ts';
import { textOf } from '../text.ts';
import { MANY, slowMetric, work } from './batching.ts';

const S = `${modelPath('S')}/infer`;
const text = textOf({ inputs: pair() });

function assertGood(answer: Answer): void {
  assert.equal(answer.status, 200, answer.body.toString());
  assert.equal((read(answer) as InferText).outputs.length, 2);
}

/** Sends spaces, without a length, until the server answers. */
function endless(peer: Peer): Promise<Answer> {
  const chunk = Buffer.alloc(2 ** 20, ' ');
  return exchange(peer.place.http, { path: S }, outgoing => {
    let left = 512;
    const more = (): void => {
      if (outgoing.destroyed || outgoing.writableEnded) return;
      if (left-- === 0) outgoing.end();
      else outgoing.write(chunk, () => setImmediate(more));
    };
    outgoing.once('response', () => (left = 0));
    more();
  });
}

export const http: readonly Case[] = [
  {
    id: 13,
    title: 'another method than the path has is 405 and Allow tells which',
    needs: ['S'],
    run: peer => {
      const wrong = (method: string, path: string) => async () => {
        const { headers } = await peer.refuse({ method, path }, 405);
        assert(peer.triton || (headers.allow ?? '') !== '', 'there is no Allow');
      };
      return every({
        'POST live': wrong('POST', '/v2/health/live'),
        'GET infer': wrong('GET', S),
        'PUT infer': wrong('PUT', S),
      });
    },
  },
  {
    id: 77,
    title: 'any Content-Type will do, or none',
    needs: ['S'],
    run: peer => {
      const typed = (type: string | undefined) => async () => {
        const headers: Request['headers'] = type === undefined ? {} : { 'Content-Type': type };
        assertGood(await peer.send({ method: 'POST', path: S, body: text, headers }));
      };
      return every({
        none: typed(undefined),
        'text/plain': typed('text/plain'),
        'application/octet-stream': typed('application/octet-stream'),
        'a form': typed('application/x-www-form-urlencoded'),
      });
    },
  },
  {
    id: 82,
    title: 'a body over the limit is 413, whether or not its length is declared',
    needs: ['S'],
    run: peer =>
      every({
        declared: async () => {
          const more = `Content-Length: ${100 * 2 ** 30}\r\nConnection: close\r\n`;
          const head = wire('POST', S, { more });
          const expected = peer.triton ? /^HTTP\/1\.1 (413|400) / : /^HTTP\/1\.1 413 /;
          assert.match(await firstAnswer(peer, head), expected);
        },
        chunked: async () => peer.refused(await endless(peer), 413, { triton: [400, 500] }),
      }),
  },
  {
    id: 83,
    title: 'chunks of one byte are read',
    needs: ['S'],
    run: async peer =>
      assertGood(
        await exchange(peer.place.http, { path: S }, outgoing => {
          for (const byte of Buffer.from(text)) outgoing.write(Buffer.of(byte));
          outgoing.end();
        }),
      ),
  },
  {
    id: 84,
    title: 'a client that waits for 100 Continue gets it',
    needs: ['S'],
    run: async peer => {
      const headers = { Expect: '100-continue', 'Content-Length': String(Buffer.byteLength(text)) };
      assertGood(
        await exchange(peer.place.http, { path: S, headers }, outgoing => {
          outgoing.once('continue', () => outgoing.end(text));
          outgoing.flushHeaders();
        }),
      );
    },
  },
  {
    id: 85,
    title: 'who leaves while queued is not run for',
    needs: ['own'],
    run: async peer => {
      const own = await peer.start({});
      // From here on it has a connection.
      await slowMetric(own, 'predictions_in_flight');
      const request = wire('POST', `${modelPath('slow')}/infer`, { body: textOf(work()) });
      const leaver = open(own.place.http);
      leaver.on('error', () => undefined);
      leaver.write(request.repeat(MANY));
      await until(async () => (await slowMetric(own, 'predictions_in_flight')) > 1);
      leaver.destroy();
      await until(async () => (await slowMetric(own, 'predictions_in_flight')) === 0);
      const runs = await slowMetric(own, 'prediction_batch_rows_count');
      assert(runs < MANY, `all ${runs} were run for nobody`);
    },
  },
  {
    id: 137,
    title: 'requests may be pipelined, and a connection outlives a refused request',
    needs: ['S'],
    run: peer =>
      every({
        pipelined: async () => {
          const one = wire('POST', S, { body: text });
          const last = wire('POST', S, { body: text, more: 'Connection: close\r\n' });
          assert.deepEqual(statuses(await sendRaw(peer.place.http, one + one + last)), ['200', '200', '200']);
        },
        'after a refusal': async () => {
          const bad = wire('POST', S, { body: '{' });
          const last = wire('POST', S, { body: text, more: 'Connection: close\r\n' });
          const [first, second] = statuses(await sendRaw(peer.place.http, bad + last));
          assert(first === '400' || (peer.triton && first === '500'), `first ${first}`);
          assert.equal(second, '200');
        },
      }),
  },
  {
    id: 138,
    title: 'names in paths are decoded once, and lead nowhere else',
    run: peer => {
      const named = (name: string, status: number[], says?: RegExp) => async () =>
        void (await peer.refuse(
          { method: 'POST', path: `/v2/models/${name}/infer`, body: '{}' },
          status,
          says,
        ));
      return every({
        'a%20b': named('a%20b', [404], peer.triton ? /./ : /'a b' is not found/),
        'a%2520b': named('a%2520b', [404], peer.triton ? /./ : /'a%20b' is not found/),
        '%2e%2e': named('%2e%2e', [404]),
        '%00': named('%00', [400, 404]),
        '..%2f..%2fetc': named('..%2f..%2fetc', [400, 404]),
      });
    },
  },
  {
    id: 139,
    title: 'HEAD and OPTIONS are answered or not allowed, and no fault',
    needs: ['S'],
    run: peer =>
      every({
        'HEAD ready': async () => {
          const { status, body } = await peer.send({ method: 'HEAD', path: '/v2/health/ready' });
          assert([200, 405].includes(status), String(status));
          assert.equal(body.length, 0);
        },
        'OPTIONS infer': async () => {
          const { status } = await peer.send({ method: 'OPTIONS', path: S });
          assert([200, 204, 405].includes(status), String(status));
        },
      }),
  },
];

/** The first bytes that come back, of a request whose body never comes. */
async function firstAnswer(peer: Peer, head: string): Promise<string> {
  const socket = open(peer.place.http);
  socket.write(head);
  for await (const chunk of socket) return (chunk as Buffer).toString('latin1');
  return 'the server closed without a word';
}
