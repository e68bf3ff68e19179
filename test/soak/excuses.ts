/** What a run does to its subject, so that a refusal which it provoked is told from one that it did not. */

export type Cause = 'overload' | 'thread killed';

interface Consequence {
  /** HTTP's statuses and gRPC's codes; 2 stands for an error within a stream. */
  readonly statuses: readonly number[];
  readonly says: RegExp;
}

const CONSEQUENCES: Readonly<Record<Cause, Consequence>> = {
  overload: { statuses: [429, 503, 504, 4, 8, 14], says: /./ },
  // It takes along what it worked on, and nothing else.
  'thread killed': { statuses: [500, 13, 2], says: /thread .*died/ },
};

interface Provocation {
  readonly cause: Cause;
  /** The model that it was done to; undefined when it may be any. */
  readonly model: string | undefined;
  readonly since: number;
  until: number;
}

export interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly model: string;
  /** When it was asked, and when it was refused. Milliseconds on one clock. */
  readonly since: number;
  readonly until: number;
}

/** As many as may be looked back on. */
const MOST_KEPT = 16;

/** Until this long after its cause is over, a refusal may come of it. Milliseconds. */
const AFTER_MS = 1000;

export class Excuses {
  readonly #provocations: Provocation[] = [];
  readonly #afterMs: number;

  constructor(afterMs = AFTER_MS) {
    this.#afterMs = afterMs;
  }

  /** Begins to provoke refusals; what is given ends that, at a time. */
  begin(cause: Cause, since: number, model?: string): (until: number) => void {
    const provocation: Provocation = { cause, model, since, until: Number.POSITIVE_INFINITY };
    this.#provocations.push(provocation);
    if (this.#provocations.length > MOST_KEPT) this.#provocations.shift();
    return until => (provocation.until = until);
  }

  /** What provoked a refusal; undefined when nothing did. */
  of(refusal: Refusal): Cause | undefined {
    return this.#provocations.find(one => isOf(one, refusal) && refusal.since <= one.until + this.#afterMs)
      ?.cause;
  }
}

function isOf({ cause, model, since }: Provocation, refusal: Refusal): boolean {
  const { statuses, says } = CONSEQUENCES[cause];
  return (
    statuses.includes(refusal.status) &&
    says.test(refusal.text) &&
    (model === undefined || model === refusal.model) &&
    refusal.until >= since
  );
}
