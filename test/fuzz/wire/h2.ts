import assert from 'node:assert/strict';
import { Flag, framesIn, Type } from '../../../src/net/io/rpc/fixtures/frames.ts';
import type { Border } from '../border.ts';
import { connectionFrames, goodCall, H2_TOKENS } from '../make/h2.ts';
import type { FuzzModel } from '../models.ts';
import { mutate } from '../mutate.ts';
import { Connection } from './connection.ts';
import { changeScript, ending, inPieces, stepsOf, toCase } from './script.ts';

/** Longer than a client's silence is borne while it is owed an answer. Milliseconds. */
const ANSWERED_MS = 8000;

/** Behind every stream that was made. */
const LAST_STREAM = 2 ** 31 - 3;

/** HTTP/2 as frames on a socket: of any type and size, in any order. */
export function h2Border(port: number, models: readonly FuzzModel[]): Border {
  return {
    name: 'h2',
    make(random) {
      const right = connectionFrames(models, random);
      const bytes = random.chance(0.7) ? right : mutate(right, random, { tokens: H2_TOKENS, other: right });
      return toCase([...inPieces(bytes, random), ending(random)]);
    },
    change: (known, other, random) => changeScript(known, other, random, H2_TOKENS),
    async take(one) {
      const steps = stepsOf(one);
      const last = steps.at(-1)?.[0];
      const connection = new Connection(port);
      try {
        await connection.play(steps);
        if (last === 'leave') return 'left';
        if (last === 'last') {
          await connection.send(goodCall(LAST_STREAM));
          if (await connection.until(isAnswered, ANSWERED_MS)) return `last ${wordsOf(connection.received)}`;
        }
        // Half a frame, and no call, may be waited for as long as a connection may be idle.
        connection.half();
        const isDone = await connection.until();
        assert(isDone, `the connection did not end in time, after: ${wordsOf(connection.received)}`);
        return `${last} ${wordsOf(connection.received)}`;
      } finally {
        connection.leave();
      }
    },
  };
}

/** Whether the last stream has come to an end, or the server has said that it takes no more. */
function isAnswered(received: Buffer): boolean {
  return framesIn(received).frames.some(
    ({ type, flags, stream }) =>
      type === Type.goaway ||
      (stream === LAST_STREAM && (type === Type.reset || (flags & Flag.endStream) !== 0)),
  );
}

/** What kinds of frames came, each once. */
function wordsOf(received: Buffer): string {
  const names = Object.fromEntries(Object.entries(Type).map(([name, type]) => [type, name]));
  const words = framesIn(received).frames.map(({ type, payload }) => {
    const name = names[type] ?? String(type);
    if (type === Type.goaway) return `${name} ${payload.readUInt32BE(4)}`;
    return type === Type.reset ? `${name} ${payload.readUInt32BE(0)}` : name;
  });
  return [...new Set(words)].toSorted().join(', ');
}
