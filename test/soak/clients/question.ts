/** What a client asks of a model, and what it is told, whatever the protocol. */

export interface Values {
  readonly name: string;
  readonly datatype: 'FP32' | 'INT64' | 'BYTES';
  readonly shape: readonly number[];
  /** Numbers, or texts for BYTES. */
  readonly data: readonly (number | string)[];
}

export interface Question {
  readonly model: string;
  /** Undefined for the latest. */
  readonly version?: string;
  readonly input: Values;
  /** The model's only one. */
  readonly output: Pick<Values, 'name' | 'datatype'>;
  /** Throws what is wrong with an answer. */
  check(answer: Told): void;
}

export interface Told {
  /** Undefined where the protocol does not tell. */
  readonly version: string | undefined;
  /** Undefined where the protocol does not tell. */
  readonly shape: readonly number[] | undefined;
  readonly data: readonly (number | string)[];
}

/** A server said no. */
export class Refused extends Error {
  /** HTTP's status, or gRPC's code. */
  readonly status: number;
  /** HTTP's header, if there was one. */
  readonly retryAfter: string | undefined;

  constructor(status: number, text: string, retryAfter?: string) {
    super(`${status} ${text.slice(0, 300)}`);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}
