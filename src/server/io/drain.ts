import type { Countdown, DrainTimes } from '#base';
import type { Doors } from './doors.ts';

/** What ends with a server, each in its turn. */
export interface Ending {
  readonly doors: Doors | undefined;
  /** Answers what is in flight with 503. */
  readonly abandon: () => void;
  /** Unloads the models. */
  readonly unload: () => Promise<unknown>;
}

/** Before its end, what is still in flight is answered 503 rather than cut off. Milliseconds. */
const LAST_WORDS_MS = 2000;

/**
 * Lets a server that is no longer ready come to its end: still accepting for a while, then not, then what is in flight is
 * finished, then models are unloaded. When the countdown is over, so is the rest: a run that hangs in native code cannot be
 * ended, and is left to the process.
 */
export async function drain(
  { doors, abandon, unload }: Ending,
  countdown: Countdown,
  times: DrainTimes,
): Promise<void> {
  const over = countdown.passes();
  void countdown.passes(wholeMs => Math.min(LAST_WORDS_MS, wholeMs / 5)).then(abandon);
  void over.then(() => doors?.cut());
  doors?.leave();
  await countdown.delay(times);
  await doors?.takeWaiting();
  await doors?.close(countdown.left);
  await Promise.race([unload(), over]);
  countdown.end();
}
