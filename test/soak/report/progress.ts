import type { Tally } from './tally.ts';

const LINE_EVERY_S = 30;

export interface ProgressOptions {
  readonly tally: Tally;
  readonly seconds: number;
  /** MiB. */
  readonly resident: () => number;
}

/** Says how far it is: on a terminal all the time, in one line; elsewhere twice a minute. Gives what stops it. */
export function showProgress({ tally, seconds, resident }: ProgressOptions): () => void {
  const { stderr } = process;
  const start = performance.now();
  let ticks = 0;
  const timer = setInterval(() => {
    const at = Math.round((performance.now() - start) / 1000);
    const line = `soak: ${at} of ${seconds} s, ${tally.done} done, ${tally.faults} faults, ${Math.round(resident())} MiB`;
    ticks++;
    if (stderr.isTTY) stderr.write(`\r\x1b[K${line}`);
    else if (ticks % LINE_EVERY_S === 0) stderr.write(`${line}\n`);
  }, 1000);
  return () => {
    clearInterval(timer);
    if (stderr.isTTY) stderr.write('\r\x1b[K');
  };
}
