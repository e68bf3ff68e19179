import { setTimeout } from 'node:timers/promises';
import type { Excuses } from '../excuses.ts';
import { READER } from '../good/kinds.ts';
import type { Kind } from '../kind.ts';
import type { Hosted } from '../subject/hosted.ts';

/** What runs in threads of each name. */
const WORK: Readonly<Record<string, string>> = { translation: READER, model: 'chain' };

/** For a thread to hear that it is to end. Milliseconds. */
const HEARS_MS = 300;

/** Threads of the server that die of a fault within them. */
export function threadKiller(hosted: Pick<Hosted, 'killThread'>, excuses: Excuses): Kind {
  return {
    name: 'thread kill',
    family: 'chaos',
    rate: 1 / 3,
    most: 1,
    mustSee: [/^model$/],
    async act() {
      const since = performance.now();
      // Which of them it is, the server tells afterwards.
      const end = excuses.begin('thread killed', since);
      const name = await hosted.killThread();
      end(since);
      const subject = WORK[name];
      if (name === '') return 'there is no thread';
      if (subject === undefined) throw new Error(`a thread of an unknown name was killed: '${name}'`);
      const over = excuses.begin('thread killed', since, subject);
      await setTimeout(HEARS_MS);
      over(performance.now());
      return name;
    },
  };
}
