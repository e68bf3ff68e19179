import type { Clock, Logger, LogLevel, Random } from '../ports.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
};

export const systemRandom: Random = { next: () => Math.random() };

/** One JSON object a line, for log collectors: `time`, `level`, `message`, then the facts. */
export function jsonLogger(
  level: LogLevel,
  write: (line: string) => void,
  clock: Clock = systemClock,
): Logger {
  const least = LEVELS.indexOf(level);
  const enabled = (wanted: LogLevel): boolean => LEVELS.indexOf(wanted) >= least;
  return {
    enabled,
    log(wanted, message, facts) {
      if (!enabled(wanted)) return;
      write(`${JSON.stringify({ time: clock.date().toISOString(), level: wanted, message, ...facts })}\n`);
    },
  };
}
