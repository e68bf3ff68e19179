import { setTimeout } from 'node:timers/promises';
import type { Random } from '../../fuzz/random.ts';
import type { Place } from '../clients/place.ts';
import { v2Binary } from '../clients/v2.ts';
import type { Excuses } from '../excuses.ts';
import { asking } from '../good/asking.ts';
import { chainOf } from '../good/questions.ts';
import type { Kind } from '../kind.ts';

/** Milliseconds. */
const LASTS_MS = 1000;

/** Sent at once, in steps. */
const STEPS = 25;
const IN_STEP = 12;

/** Nothing of a burst is worked on for longer after its end. Milliseconds. */
const DEADLINE_MS = 500;

/** Rows of one request. */
const ROWS = 16;

/** A second of more than the server can do; what it cannot, it refuses at once or when its time is over. */
export function burst(place: Place, excuses: Excuses): Kind {
  const protocol = v2Binary(place, STEPS * IN_STEP);
  return {
    name: 'overload',
    family: 'chaos',
    rate: 1 / 12,
    most: 1,
    mustSee: [/refused/],
    async act(random) {
      const end = excuses.begin('overload', performance.now(), 'chain');
      const sent: Promise<string | Error>[] = [];
      for (let step = 0; step < STEPS; step++) {
        sent.push(...random.list(IN_STEP, () => one(random)));
        await setTimeout(LASTS_MS / STEPS);
      }
      end(performance.now());
      const outcomes = await Promise.all(sent);
      const fault = outcomes.find(outcome => outcome instanceof Error);
      if (fault !== undefined) throw fault;
      const right = outcomes.filter(outcome => outcome === 'right').length;
      const share = Math.round((10 * (outcomes.length - right)) / outcomes.length);
      return share === 0 && right === outcomes.length ? 'all answered' : `about ${share} of 10 refused`;
    },
    close: () => protocol.close(),
  };

  /** Never rejects: it is waited for later. */
  function one(random: Random): Promise<string | Error> {
    const wishes = { deadlineMs: DEADLINE_MS };
    return asking(chainOf(random, ROWS), { protocol, excuses, wishes }).catch(
      (error: unknown) => error as Error,
    );
  }
}
