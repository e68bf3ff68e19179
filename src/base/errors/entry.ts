/** What the catalogue says of one thing that can go wrong. */

/** Whether the same call may succeed: at once, after a while, or never unchanged. */
export type Retry = 'now' | 'later' | 'never';

/** Exit codes: 1 the answer is no, 2 the input is wrong, 3 the surroundings are. */
export type ExitCode = 1 | 2 | 3;

export interface Entry<F> {
  /** The documentation's sentence: when this happens. */
  readonly meaning: string;
  readonly status: number;
  readonly exit: ExitCode;
  readonly retry: Retry;
  readonly message: (facts: F) => string;
  readonly hint?: string;
}

/** A place in a request body: member names and indices from the top. */
export type Place = readonly (string | number)[];

export const define = <F>(entry: Entry<F>): Entry<F> => entry;
