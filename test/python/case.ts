/** A model and what its own library answers, as make_models.py writes them. */
export interface Case {
  readonly name: string;
  readonly file: string;
  readonly inputs: readonly Named[];
  readonly outputs: readonly Named[];
  /** How it is run: `runtime.python`. */
  readonly python: object;
}

export interface Named {
  readonly name: string;
  /** Nested by its shape. */
  readonly values: unknown;
}
