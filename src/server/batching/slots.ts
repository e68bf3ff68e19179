/** Who may use a core next, when more models have work than there are cores: by their shares. */

/**
 * Weighted fair queueing (start-time fair queueing: Goyal, Vin and Cheng, SIGCOMM 1996) of so many slots. The next slot goes
 * to whoever has had least in proportion to its share. Who was idle gets no credit for that: it starts where the one that
 * was served last stands.
 */
export class Slots {
  #free: number;
  readonly #waiting: Claim[] = [];
  /** What the one that was served last had had. */
  #level = 0;

  constructor(count: number) {
    this.#free = count;
  }

  /** Takes a slot; false when it has to wait: it is told by `granted` then. */
  take(claim: Claim): boolean {
    if (this.#free === 0) {
      this.#waiting.push(claim);
      return false;
    }
    this.#serve(claim);
    return true;
  }

  /** Gives a slot back, to whoever is next. */
  give(): void {
    this.#free++;
    const next = this.#next();
    if (next === undefined) return;
    this.#waiting.splice(this.#waiting.indexOf(next), 1);
    this.#serve(next);
    next.granted();
  }

  #serve(claim: Claim): void {
    this.#free--;
    this.#level = claim.raise(this.#level);
  }

  #next(): Claim | undefined {
    let next: Claim | undefined;
    for (const claim of this.#waiting) if (next === undefined || claim.had < next.had) next = claim;
    return next;
  }
}

/**
 * Runs on the event loop in one turn of it, at most: they come one after the other. One alone would cost each model a turn,
 * and with it the reading of all that has come meanwhile.
 */
const IN_ONE_TURN = 8;

/** What the models of one server share: the event loop, and the cores beside it. */
export class Cores {
  readonly inline = new Slots(IN_ONE_TURN);
  readonly beside: Slots;

  constructor(count: number) {
    this.beside = new Slots(count);
  }
}

/** One model's claim to slots. */
export class Claim {
  /** What it has had so far: milliseconds of use divided by its share. */
  had = 0;
  /** It has a slot that it was not given at once. */
  readonly granted: () => void;
  readonly #slots: Slots;
  readonly #share: number;

  constructor(slots: Slots, share: number, granted: () => void) {
    this.#slots = slots;
    this.#share = share;
    this.granted = granted;
  }

  /** Takes a slot; false when it has to wait: `granted` is called then, once for each time. */
  take(): boolean {
    return this.#slots.take(this);
  }

  /** It used a slot for so long. To be told before whatever else it asks for, so that it competes as what it is. */
  used(ms: number): void {
    this.had += ms / this.#share;
  }

  /** Gives a slot back. Who wants another asks for that first: so both compete for the one that is given back. */
  give(): void {
    this.#slots.give();
  }

  /** Who was away is not owed the time. */
  raise(level: number): number {
    this.had = Math.max(this.had, level);
    return this.had;
  }
}
