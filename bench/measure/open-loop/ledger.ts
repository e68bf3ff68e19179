/** What became of each request: when it was due, taken up, sent and answered, and how. Times in milliseconds from the start. */

/** Fates that are no HTTP status. */
export const fates = {
  pending: 0,
  /** The connection broke, or what came was no HTTP. */
  failed: 1,
  /** No answer for as long as the client would wait. */
  abandoned: 2,
  /** Status 200, and not the answer it should be. */
  wrong: 3,
} as const;

export class Ledger {
  readonly due: Float64Array;
  /** When the generator came to it: later than due, the generator lagged. */
  readonly taken: Float64Array;
  /** When it was written to a connection; NaN when it never was. */
  readonly sent: Float64Array;
  /** NaN until its fate is known. */
  readonly done: Float64Array;
  /** An HTTP status or one of `fates`. */
  readonly fate: Uint16Array;
  /** How many there are of the room for them. */
  size = 0;
  settled = 0;

  constructor(capacity: number) {
    this.due = new Float64Array(capacity);
    this.taken = new Float64Array(capacity);
    this.sent = new Float64Array(capacity).fill(Number.NaN);
    this.done = new Float64Array(capacity).fill(Number.NaN);
    this.fate = new Uint16Array(capacity);
  }

  /** Enters the next request and gives its number. Throws RangeError when there is no room. */
  take(due: number, now: number): number {
    const request = this.size;
    if (request === this.due.length) throw new RangeError(`more than ${request} requests`);
    this.due[request] = due;
    this.taken[request] = now;
    this.size++;
    return request;
  }

  send(request: number, now: number): void {
    this.sent[request] = now;
  }

  /** Whether it is the first fate, the one that counts. */
  settle(request: number, fate: number, now: number): boolean {
    if (this.fate[request] !== fates.pending) return false;
    this.fate[request] = fate;
    this.done[request] = now;
    this.settled++;
    return true;
  }
}
