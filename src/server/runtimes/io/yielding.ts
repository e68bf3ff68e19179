import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';

/** How nice a model's thread is to the rest of the process; its part of a core against the event loop's is 1 to 9. */
const NICENESS = 10;

/**
 * Lets the event loop go before this thread, and those that it starts, where all cores are busy: it has little to do, and
 * everybody waits for it. On Linux only, where threads have priorities of their own.
 */
export function yieldToOthers(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), NICENESS);
  } catch {
    // Elsewhere, or not allowed: it works as it is.
  }
}
