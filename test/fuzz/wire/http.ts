import assert from 'node:assert/strict';
import type { Border } from '../border.ts';
import { HTTP_TOKENS, requests } from '../make/http.ts';
import type { FuzzModel } from '../models.ts';
import { mutate } from '../mutate.ts';
import { Connection } from './connection.ts';
import { statusesIn } from './reply.ts';
import { changeScript, ending, inPieces, stepsOf, toCase } from './script.ts';

const LAST = Buffer.from('\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');

/** HTTP/1 as bytes on a socket: framing, headers, chunks, pipelining, and clients that are slow, or leave. */
export function httpBorder(port: number, models: readonly FuzzModel[]): Border {
  return {
    name: 'http',
    make(random) {
      const right = requests(models, random);
      const isRight = random.chance(0.6);
      const bytes = isRight ? right : mutate(right, random, { tokens: HTTP_TOKENS, other: right });
      return toCase([...inPieces(bytes, random), ending(random)]);
    },
    change: (known, other, random) => changeScript(known, other, random, HTTP_TOKENS),
    async take(one) {
      const steps = stepsOf(one);
      const last = steps.at(-1)?.[0];
      const connection = new Connection(port);
      try {
        await connection.play(steps);
        if (last === 'leave') return 'left';
        if (last === 'half') connection.half();
        else await sendLast(connection);
        const came = connection.received.toString('latin1').slice(-300);
        assert(
          await connection.until(),
          `the connection was neither answered nor ended in time, after: ${came}`,
        );
        const statuses = statusesIn(connection.received);
        return statuses.length === 0 ? 'ended' : statuses.slice(0, 3).join(' ');
      } finally {
        connection.leave();
      }
    },
  };
}

/** Longer than a request may take to arrive. Milliseconds. */
const ARRIVES_MS = 4000;

/** Twice, where the first was just what a body before it lacked: then the connection waits for another request. */
async function sendLast(connection: Connection): Promise<void> {
  await connection.send(LAST);
  if (!(await connection.until(() => false, ARRIVES_MS))) await connection.send(LAST);
}
