import { setTimeout } from 'node:timers/promises';
import { ask } from './ask.ts';
import { DEEDS } from './model.ts';

/** A model that is not back by then does not come back. Milliseconds. */
const MOST_MS = 30_000;

/** Milliseconds until a model answers again. Throws when it does not. */
export async function recovered(url: string): Promise<number> {
  const since = performance.now();
  for (;;) {
    const { status, value, text } = await ask(url, DEEDS.nothing);
    const ms = performance.now() - since;
    if (status === 200 && value === DEEDS.nothing) return ms;
    if (ms > MOST_MS) throw new Error(`it does not come back: ${status} ${text}`);
    await setTimeout(5);
  }
}
