import { failure, type Result } from '#base';
import { readDuration, readFraction, readLabel, readSize, readUrl, readVersions, type Versions } from '#spec';

/** TensorFlow Serving's. */
const GRPC_PORT = '8500';

/** A flag's whole number between two bounds. Throws `usage_invalid`. */
export function integer(
  flag: string,
  text: string,
  { least, most }: { least: number; most: number },
): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw wrong(`--${flag} must be a whole number from ${least} to ${most}, not '${text}'`);
}

/** A flag's duration in whole milliseconds, at least so many and at most a day. Throws `usage_invalid`. */
export function duration(flag: string, text: string, least: number): number {
  return valueOf(flag, text, readDuration(text, least));
}

/** A flag's size in bytes, of a body unless said otherwise. Throws `usage_invalid`. */
export function size(flag: string, text: string, most?: number): number {
  return valueOf(flag, text, readSize(text, most));
}

/** A name or version of a model that a path can carry. Throws `usage_invalid`. */
export function label(flag: string, text: string): string {
  return valueOf(flag, text, readLabel(text));
}

/** A part of a whole, 0 to 1. Throws `usage_invalid`. */
export function fraction(flag: string, text: string): number {
  return valueOf(flag, text, readFraction(text));
}

/** An address of HTTP without credentials. Throws `usage_invalid`. */
export function url(flag: string, text: string): string {
  const read = readUrl(text);
  if (read.ok) return read.value;
  // Not the text itself: it may hold a password.
  throw wrong(`--${flag} ${read.error}`);
}

/** A choice of versions. Throws `usage_invalid`. */
export function versionsOf(flag: string, text: string): Versions {
  return valueOf(flag, text, readVersions(text));
}

/** A flag's text, which a reader takes. Throws `usage_invalid`. */
export function textOfKind(
  flag: string,
  text: string,
  read: (text: string) => Result<unknown, string>,
): string {
  valueOf(flag, text, read(text));
  return text;
}

/** One of several words. Throws `usage_invalid`. */
export function oneOf<T extends string>(flag: string, text: string, words: readonly T[]): T {
  const found = words.find(word => word === text);
  if (found !== undefined) return found;
  throw wrong(`--${flag} must be ${words.join(', ')}, not '${text}'`);
}

/** An address to listen on; none would mean every address of the machine. Throws `usage_invalid`. */
export function address(text: string): string {
  if (text !== '') return text;
  throw wrong('--host must not be empty; every address is 0.0.0.0 or ::');
}

export function portNumber(text: string, flag = 'port'): number {
  return integer(flag, text, { least: 0, most: 65_535 });
}

/** The port for gRPC, undefined for none. Who asks for any free port means it for both. Throws `usage_invalid`. */
export function grpcPortOf({ port, grpcPort }: { port: string; grpcPort?: string }): number | undefined {
  if (grpcPort === 'off') return undefined;
  return portNumber(grpcPort ?? (portNumber(port) === 0 ? '0' : GRPC_PORT), 'grpc-port');
}

/** What is wrong with a command line. */
export function wrong(problem: string): Error {
  return failure('usage_invalid', { problem });
}

function valueOf<T>(flag: string, text: string, result: Result<T, string>): T {
  if (result.ok) return result.value;
  throw wrong(`--${flag} ${result.error}, not '${text}'`);
}
