import { failure, type Result } from '#base';
import { readDuration, readLabel, readSize } from '#spec';

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

/** A flag's duration in whole milliseconds, at least so many and at most a day. Throws `usage_invalid`. */
export function duration(flag: string, text: string, least: number): number {
  return valueOf(flag, text, readDuration(text, least));
}

/** A flag's size in bytes. Throws `usage_invalid`. */
export function size(flag: string, text: string): number {
  return valueOf(flag, text, readSize(text));
}

/** A name or version of a model that a path can carry. Throws `usage_invalid`. */
export function label(flag: string, text: string): string {
  return valueOf(flag, text, readLabel(text));
}

/** An address to listen on; none would mean every address of the machine. Throws `usage_invalid`. */
export function address(text: string): string {
  if (text !== '') return text;
  throw failure('usage_invalid', { problem: '--host must not be empty; every address is 0.0.0.0 or ::' });
}

export function portNumber(text: string, flag = 'port'): number {
  return integer(flag, text, { least: 0, most: 65_535 });
}

function valueOf<T>(flag: string, text: string, result: Result<T, string>): T {
  if (result.ok) return result.value;
  throw failure('usage_invalid', { problem: `--${flag} ${result.error}, not '${text}'` });
}
