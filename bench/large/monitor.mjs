// Loaded into a server (`node --import`): at each SIGUSR2 it says on standard error for how long its event loop was held
// up since the last one, in milliseconds, and begins anew.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('SIGUSR2', () => {
    process.stderr.write(
      `MONITOR ${JSON.stringify({ maxMs: delay.max / 1e6, p99Ms: delay.percentile(99) / 1e6 })}\n`,
    );
    delay.reset();
  });
}
