/** The ports of the floor: what pure code may be given, so that tests can give it something else. */

/** Time. `now` is for durations (monotonic, milliseconds); `date` is for people (wall clock). */
export interface Clock {
  now(): number;
  date(): Date;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured logs: a constant message and facts beside it. */
export interface Logger {
  enabled(level: LogLevel): boolean;
  log(level: LogLevel, message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** Random numbers in [0, 1). */
export interface Random {
  next(): number;
}
