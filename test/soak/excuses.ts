/** What a run does to its subject, so that a refusal which it provoked is told from one that it did not. */

export type Cause = 'overload' | 'thread killed';

/** Until this long after its cause is over, a refusal may come of it. Milliseconds. */
const AFTER_MS: Readonly<Record<Cause, number>> = { overload: 1000, 'thread killed': 2000 };

/** HTTP statuses, and gRPC's codes, that may come of a cause. */
const STATUSES: Readonly<Record<Cause, readonly number[]>> = {
  overload: [429, 503, 504, 4, 8, 14],
  'thread killed': [429, 500, 503, 504, 4, 8, 13, 14],
};

interface Provocation {
  readonly cause: Cause;
  /** What it was done to; undefined for all. */
  readonly subject: string | undefined;
  readonly since: number;
  until: number;
}

export interface Refusal {
  readonly status: number;
  /** What was asked: a model, or what serves it. */
  readonly subject: string;
  /** When it was asked, and when it was refused. Milliseconds on one clock. */
  readonly since: number;
  readonly until: number;
}

/** As many as may be looked back on. */
const MOST_KEPT = 16;

export class Excuses {
  readonly #provocations: Provocation[] = [];

  /** Begins to provoke refusals; what is given ends that, at a time. */
  begin(cause: Cause, since: number, subject?: string): (until: number) => void {
    const provocation: Provocation = { cause, subject, since, until: Number.POSITIVE_INFINITY };
    this.#provocations.push(provocation);
    if (this.#provocations.length > MOST_KEPT) this.#provocations.shift();
    return until => (provocation.until = until);
  }

  /** What provoked a refusal; undefined when nothing did. */
  of({ status, subject, since, until }: Refusal): Cause | undefined {
    return this.#provocations.find(
      one =>
        STATUSES[one.cause].includes(status) &&
        (one.subject === undefined || one.subject === subject) &&
        since <= one.until + AFTER_MS[one.cause] &&
        until >= one.since,
    )?.cause;
  }
}
