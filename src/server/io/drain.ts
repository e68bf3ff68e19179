import type { Countdown } from '#base';
import type { Doors } from './doors.ts';

/** What ends with a server, each in its turn. */
export interface Ending {
  readonly doors: Doors | undefined;
  /** Answers what is in flight with 503. */
  readonly abandon: () => void;
  /** Unloads the models. */
  readonly unload: () => Promise<unknown>;
}

export interface DrainTimes {
  /** Still accepting for so long. */
  readonly delayMs: number;
  /** What there usually is in all; half of less than that is kept for finishing, whatever the delay. */
  readonly graceMs: number;
  readonly sleep: (ms: number) => Promise<void>;
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
  { delayMs, graceMs, sleep }: DrainTimes,
): Promise<void> {
  const over = countdown.passes();
  void countdown.passes(wholeMs => Math.min(LAST_WORDS_MS, wholeMs / 5)).then(abandon);
  void over.then(() => doors?.cut());
  doors?.leave();
  const short = countdown.passes(wholeMs => (wholeMs < graceMs ? wholeMs / 2 : 0));
  await Promise.race([sleep(delayMs), short]);
  await doors?.takeWaiting();
  await doors?.close(countdown.left);
  await Promise.race([unload(), over]);
  countdown.end();
}
