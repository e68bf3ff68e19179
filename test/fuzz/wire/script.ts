/** What a client does on one connection, step by step: kept as a line of JSON a step, so that a file of it can be read. */
import { type Case } from '../case.ts';
import { mutate } from '../mutate.ts';
import type { Random } from '../random.ts';

export type Step =
  /** Bytes. */
  | readonly ['send', Buffer]
  /** Milliseconds. */
  | readonly ['pause', number]
  /** Says that nothing more will come, and waits for the server to end. */
  | readonly ['half']
  /** Leaves at once. */
  | readonly ['leave']
  /** Sends one good request more, and waits for its answer or the end. */
  | readonly ['last'];

export function toCase(steps: readonly Step[]): Case {
  const lines = steps.map(([kind, what]) =>
    JSON.stringify(
      Buffer.isBuffer(what) ? [kind, what.toString('latin1')] : what === undefined ? [kind] : [kind, what],
    ),
  );
  return { head: '', body: Buffer.from(lines.join('\n')) };
}

export function stepsOf({ body }: Case): readonly Step[] {
  return body
    .toString()
    .split('\n')
    .map(line => {
      const [kind, what] = JSON.parse(line) as [string, string | number | undefined];
      return (kind === 'send' ? [kind, Buffer.from(String(what), 'latin1')] : [kind, what]) as Step;
    });
}

/** Cuts bytes into sends, with pauses in between now and then. */
export function inPieces(bytes: Buffer, random: Random): Step[] {
  const places = random.list(random.chance(0.5) ? 0 : random.below(4), () => random.below(bytes.length + 1));
  const cuts = [0, ...places.toSorted((a, b) => a - b)];
  return cuts.flatMap((from, index): Step[] => {
    const send: Step = ['send', bytes.subarray(from, cuts[index + 1] ?? bytes.length)];
    return random.chance(0.3) ? [send, ['pause', random.size(30)]] : [send];
  });
}

/** How a client is done: most say so, some leave, some wait. */
export function ending(random: Random): Step {
  const kind = random.below(100);
  if (kind < 60) return ['half'];
  return kind < 85 ? ['leave'] : ['last'];
}

/** Changes bytes of some steps, or the steps themselves. */
export function changeScript(known: Case, other: Case, random: Random, tokens: readonly Buffer[]): Case {
  const steps = stepsOf(known).slice(0, -1);
  const donors = stepsOf(other).filter(([kind]) => kind === 'send');
  const changed = steps.map((step): Step => {
    if (step[0] !== 'send' || random.chance(0.5)) return step;
    const [, bytes = step[1]] = donors.length === 0 ? [] : (random.pick(donors) as ['send', Buffer]);
    return ['send', mutate(step[1], random, { tokens, other: bytes })];
  });
  if (random.chance(0.2) && donors.length > 0)
    changed.splice(random.below(changed.length + 1), 0, random.pick(donors));
  return toCase([...changed.slice(0, MOST_STEPS), ending(random)]);
}

const MOST_STEPS = 40;
