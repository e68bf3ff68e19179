/** A launcher forwards a signal that the system has sent to the whole group: two within this time are one. Milliseconds. */
const TOGETHER_MS = 250;

/** The first signal to stop begins the end, in good order; one after it ends the process at once, with 1. */
export function onStopSignals(
  begin: (signal: NodeJS.Signals) => void,
  end = (code: number): never => process.exit(code),
): void {
  let since: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (since !== undefined && now - since > TOGETHER_MS) end(1);
    if (since !== undefined) return;
    since = now;
    begin(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}
