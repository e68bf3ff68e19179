/** How often, and after which pauses, a source is asked again that was busy or broke off. */
import { setTimeout as pause } from 'node:timers/promises';
import { AppError, pauseBefore, type Random } from '#base';

export interface Trying {
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** How often in a row it may fail, where nobody says otherwise. */
export const ATTEMPTS = 5;

const BACKOFF = { first: 200, most: 10_000 };
/** A server that asks for more patience than this is asked again, all the same. Milliseconds. */
const MOST_WAIT = 60_000;

/** What is worded already is final, but where the source was busy or broke off; what is not comes from a socket. */
export function isWorthAnother(error: unknown): boolean {
  return !(error instanceof AppError) || error.code === 'source_unavailable';
}

/** Waits after the `failures`th failure in a row, at least as long as the source asked for. Throws the signal's reason. */
export async function pauseAfter(
  thrown: unknown,
  failures: number,
  { random, signal }: Trying,
): Promise<void> {
  const backoff = pauseBefore(failures - 1, BACKOFF) * (0.5 + random.next() / 2);
  const ms = Math.max(Math.min(waitOf(thrown), MOST_WAIT), backoff);
  await pause(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** What a server asked to be left alone for. Milliseconds. */
function waitOf(error: unknown): number {
  const waitMs = error instanceof AppError ? error.facts['waitMs'] : undefined;
  return typeof waitMs === 'number' ? waitMs : 0;
}

/** Asks until it is answered, or `attempts` have failed; the last failure is thrown. */
export async function tried<T>(
  ask: () => Promise<T>,
  { attempts, ...trying }: Trying & { readonly attempts: number },
): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error: unknown) {
      trying.signal.throwIfAborted();
      if (failures >= attempts || !isWorthAnother(error)) throw error;
      await pauseAfter(error, failures, trying);
    }
  }
}
