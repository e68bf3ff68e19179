import { setTimeout } from 'node:timers/promises';
import type { Excuses } from '../excuses.ts';
import type { Kind } from '../kind.ts';
import type { Hosted } from '../subject/hosted.ts';

/** For a thread to hear that it is to end. Milliseconds. */
const HEARS_MS = 300;

/** Threads of the server that die of a fault within them: of models, and the one that reads large bodies. */
export function threadKiller(hosted: Pick<Hosted, 'killThread'>, excuses: Excuses): Kind {
  return {
    name: 'thread kill',
    family: 'chaos',
    rate: 1 / 3,
    most: 1,
    mustSee: [/^model$/, /^translation$/],
    async act() {
      const over = excuses.begin('thread killed', performance.now());
      const name = await hosted.killThread();
      await setTimeout(HEARS_MS);
      over(performance.now());
      return name === '' ? 'there is no thread' : name;
    },
  };
}
