/** Work of a verb that a signal may end at any point, and that may be begun again. */
import { constants } from 'node:os';
import { onStopSignals } from './stop-signals.ts';
import { Terminal } from './terminal.ts';

export interface Stoppable {
  readonly signal: AbortSignal;
  /** On stderr. */
  readonly terminal: Terminal;
}

/** Who is stopped is told what that means, and ends as shells have it: 128, and the number of the signal. */
export async function stoppable(meaning: string, doing: (at: Stoppable) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  onStopSignals(signal => stop.abort(new Stopped(signal)));
  const terminal = new Terminal(process.stderr);
  try {
    await doing({ signal: stop.signal, terminal });
  } catch (error: unknown) {
    if (!(stop.signal.reason instanceof Stopped)) throw error;
    terminal.end();
    terminal.line(`Stopped; ${meaning}`);
    process.exitCode = 128 + constants.signals[stop.signal.reason.by];
  } finally {
    terminal.end();
  }
}

class Stopped extends Error {
  readonly by: NodeJS.Signals;

  constructor(by: NodeJS.Signals) {
    super(by);
    this.by = by;
  }
}
