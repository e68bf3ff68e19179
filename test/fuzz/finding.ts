import type { Case } from './case.ts';

/** An input, and where it came from. */
export interface Input {
  readonly border: string;
  readonly round: number;
  readonly one: Case;
}

/** A promise that was broken, and the input that did it; or all that may have, where nobody can tell. */
export interface Finding {
  readonly problem: string;
  readonly inputs: readonly Input[];
}
