/** Clients that leave before they have their answer. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { setTimeout } from 'node:timers/promises';
import type { Place } from '../clients/place.ts';
import { Refused } from '../clients/question.ts';
import { v2Binary } from '../clients/v2.ts';
import { askChain, askDigits } from '../good/questions.ts';
import type { Kind } from '../kind.ts';

/** Longer than most answers take. Milliseconds. */
const MOST_STAY_MS = 40;

export function leavingKinds(place: Place): Kind[] {
  return [leavers(place), resetters(place)];
}

function leavers(place: Place): Kind {
  const protocol = v2Binary(place);
  return {
    name: 'leaving',
    family: 'hostile',
    rate: 10,
    most: 16,
    mustSee: [/^left$/, /^right$/],
    async act(random) {
      const question = random.chance(0.5) ? askChain(random) : askDigits(random);
      const leave = new AbortController();
      const timer = globalThis.setTimeout(() => leave.abort(), random.below(MOST_STAY_MS));
      try {
        question.check(await protocol.ask(question, { signal: leave.signal }));
        return 'right';
      } catch (error: unknown) {
        if (leave.signal.aborted) return 'left';
        if (error instanceof Refused) return String(error.status);
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => protocol.close(),
  };
}

/** Streams of one connection, opened and reset at once. */
const STREAMS = 60;

function resetters({ grpc }: Place): Kind {
  return {
    name: 'HTTP/2 resets',
    family: 'hostile',
    rate: 0.5,
    most: 2,
    mustSee: [/./],
    async act(random) {
      const session = connect(`http://${grpc}`);
      session.on('error', () => undefined);
      const closed = once(session, 'close');
      const stay = random.below(20);
      for (let count = 0; count < STREAMS && !session.destroyed; count++) {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/inference.GRPCInferenceService/ModelInfer',
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        stream.on('error', () => undefined);
        stream.write(Buffer.alloc(random.below(40)));
        if (random.chance(0.2)) await setTimeout(stay / 10);
        stream.close(8);
      }
      const words = session.destroyed || session.closed ? 'turned away' : 'borne';
      session.destroy();
      await closed;
      return words;
    },
  };
}
