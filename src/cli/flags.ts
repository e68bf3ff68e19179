import { failure, parseBytes, parseDuration, type Result } from '#base';

/** A flag's whole number between two bounds. Throws `usage_invalid`. */
export function integer(
  flag: string,
  text: string,
  { least, most }: { least: number; most: number },
): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw failure('usage_invalid', {
    problem: `--${flag} must be a whole number from ${least} to ${most}, not '${text}'`,
  });
}

/** Timers count milliseconds in 32 bits; nothing here waits longer than a day. */
const MOST_MS = 86_400_000;

/** A flag's duration in milliseconds, at most a day. Throws `usage_invalid`. */
export function duration(flag: string, text: string): number {
  const ms = valueOf(flag, parseDuration(text));
  if (ms <= MOST_MS) return ms;
  throw failure('usage_invalid', { problem: `--${flag} must be at most 24h, not '${text}'` });
}

/** A flag's size in bytes. Throws `usage_invalid`. */
export function size(flag: string, text: string): number {
  return valueOf(flag, parseBytes(text));
}

export function portNumber(text: string): number {
  return integer('port', text, { least: 0, most: 65_535 });
}

function valueOf(flag: string, result: Result<number, string>): number {
  if (result.ok) return result.value;
  throw failure('usage_invalid', { problem: `--${flag}: ${result.error}` });
}
