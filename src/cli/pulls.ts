/** Tells of pulls while they go on: a line that is redrawn on a terminal, and one every ten seconds elsewhere. */
import type { Logger } from '#base';
import type { Progress } from '#store';
import { pullLine, type Watched } from './pull-line.ts';
import type { Terminal } from './terminal.ts';

/** How often it is told. Milliseconds. */
const REDRAW_MS = 100;
const LINE_MS = 10_000;

/** Takes progress as it comes. What ends in no time is not talked about. */
export type Telling = (progress: Progress) => void;

/** On a terminal; where it is none, in lines. */
export function tellTerminal(terminal: Terminal): Telling {
  const line = terminal.isTerminal ? undefined : (text: string) => terminal.line(text);
  const everyMs = terminal.isTerminal ? REDRAW_MS : LINE_MS;
  return telling(everyMs, (watched, now) => {
    const { phase } = watched.progress;
    const text = pullLine(watched, now);
    if (line !== undefined) line(text);
    else if (phase === 'done') terminal.end();
    else terminal.live(text.length > terminal.columns ? `${text.slice(0, terminal.columns - 1)}…` : text);
  });
}

/** In the log of a server. */
export function tellLogger(logger: Logger): Telling {
  return telling(LINE_MS, ({ progress }) => {
    const { uri, phase, files, total, done, reused } = progress;
    const what = phase === 'done' ? 'model fetched' : 'model is fetched';
    logger.log('info', what, { uri, phase, files, total, done, reused });
  });
}

function telling(everyMs: number, tell: (watched: Watched, now: number) => void): Telling {
  const pulls = new Map<string, Watched & { told: number }>();
  return progress => {
    const now = performance.now();
    const before = pulls.get(progress.uri);
    const isFirst =
      before === undefined || (before.progress.phase !== 'fetching' && progress.phase === 'fetching');
    const start = isFirst ? { since: now, had: progress.done } : { since: before.since, had: before.had };
    const watched = { progress, ...start, told: before?.told ?? now };
    if (progress.phase === 'done') {
      pulls.delete(progress.uri);
      // What was here already took no time.
      if (before !== undefined && (progress.done > progress.reused || before.told > before.since))
        tell(watched, now);
      return;
    }
    pulls.set(progress.uri, watched);
    if (now - watched.told < everyMs) return;
    watched.told = now;
    tell(watched, now);
  };
}
