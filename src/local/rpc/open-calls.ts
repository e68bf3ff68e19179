/** A call that is not over. */
export interface OpenCall {
  /** Its place in the list; the list's to change. */
  place: number;
  /** The gateway closes: the call should end as soon as nothing is owed. */
  leave(): void;
}

/** The calls that are not over, in a list: what each call enters and leaves must not be a table (docs/performance.md). */
export class OpenCalls {
  readonly #calls: OpenCall[] = [];
  #inFlight = 0;
  #leaving = false;

  /** Calls that have asked something. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get isLeaving(): boolean {
    return this.#leaving;
  }

  join(call: OpenCall): void {
    call.place = this.#calls.push(call) - 1;
  }

  /** A call has asked something. */
  begin(): void {
    this.#inFlight += 1;
  }

  /** A call is over; `begun` says whether it had asked something. */
  part(call: OpenCall, begun: boolean): void {
    if (begun) this.#inFlight -= 1;
    const last = this.#calls.pop();
    if (last === undefined || last === call) return;
    this.#calls[call.place] = last;
    last.place = call.place;
  }

  /** Tells every call to end as soon as it may. */
  leave(): void {
    this.#leaving = true;
    // One that ends gives its place to the last.
    for (let at = this.#calls.length - 1; at >= 0; at--) this.#calls[at]?.leave();
  }
}
