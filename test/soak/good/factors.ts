import { FIRST_FACTOR } from '../models/layout.ts';

/** The factors that `scale` has had, while its file is replaced again and again. */
export class Factors {
  readonly #all: number[] = [FIRST_FACTOR];
  #current = 0;

  /** A place in time. */
  get now(): number {
    return this.#current;
  }

  get latest(): number {
    return this.#all[this.#current] ?? FIRST_FACTOR;
  }

  /** From now on the answer may be of this factor too; what is given says that it can be of no other. */
  propose(factor: number): () => void {
    this.#all.push(factor);
    return () => (this.#current = this.#all.length - 1);
  }

  /** Those that may have answered what was asked then. */
  since(then: number): readonly number[] {
    return this.#all.slice(then);
  }
}
