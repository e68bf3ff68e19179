import type { Clock, Logger, LogLevel } from './ports.ts';

/** Lines of one message within one second; a line later tells of those that were left out. */
const MOST_A_SECOND = 20;

/** Messages that are counted each for itself: they are constants of the code. All others are counted together. */
const MOST_MESSAGES = 256;

interface Second {
  begun: number;
  lines: number;
  suppressed: number;
}

/**
 * A logger that a flood of the same message cannot fill: of each at most so many lines a second, the next one with the number
 * that was left out as `suppressed`.
 */
export function boundedLogger(logger: Logger, clock: Clock, most = MOST_A_SECOND): Logger {
  const seconds = new Map<string, Second>();
  const begin = (): Second => ({ begun: Number.NEGATIVE_INFINITY, lines: 0, suppressed: 0 });
  const others = begin();
  const secondOf = (message: string): Second => {
    const known = seconds.get(message);
    if (known !== undefined || seconds.size === MOST_MESSAGES) return known ?? others;
    const fresh = begin();
    seconds.set(message, fresh);
    return fresh;
  };
  return {
    enabled: level => logger.enabled(level),
    log(level: LogLevel, message, facts) {
      if (!logger.enabled(level)) return;
      // Whoever asks for all of it gets all of it.
      if (level === 'debug') return logger.log(level, message, facts);
      const now = clock.now();
      const second = secondOf(message);
      if (now - second.begun >= 1000) Object.assign(second, { begun: now, lines: 0 });
      if (++second.lines > most) return void second.suppressed++;
      const { suppressed } = second;
      second.suppressed = 0;
      logger.log(level, message, suppressed === 0 ? facts : { ...facts, suppressed });
    },
  };
}
