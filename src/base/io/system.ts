import { messageOf } from '../errors.ts';
import type { Clock, Logger, LogLevel, Random } from '../ports.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
};

export const systemRandom: Random = { next: () => Math.random() };

/**
 * One JSON object a line, for log collectors: `time`, `level`, `message`, then the facts. A level that may change is given as a
 * function.
 */
export function jsonLogger(
  level: LogLevel | (() => LogLevel),
  write: (line: string) => void,
  clock: Clock = systemClock,
): Logger {
  const least = typeof level === 'function' ? level : () => level;
  const enabled = (wanted: LogLevel): boolean => LEVELS.indexOf(wanted) >= LEVELS.indexOf(least());
  return {
    enabled,
    log(wanted, message, facts) {
      if (!enabled(wanted)) return;
      const head = { time: clock.date().toISOString(), level: wanted, message };
      write(`${line(head, facts)}\n`);
    },
  };
}

/** The head is written first and holds last: a fact named `level` is left out rather than believed. */
function line(head: Readonly<Record<string, string>>, facts: Readonly<Record<string, unknown>> = {}): string {
  try {
    return JSON.stringify({ ...head, ...facts, ...head }, plain);
  } catch (error: unknown) {
    // A circle, or a value whose toJSON throws: the message still counts, and logging never fails the work it tells of.
    return JSON.stringify({ ...head, unwritten: messageOf(error) });
  }
}

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Error) return String(value);
  return typeof value === 'bigint' ? String(value) : value;
}
