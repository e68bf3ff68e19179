import { failure } from '#base';

/** What a server takes on at once. */
export interface AdmissionLimits {
  /** Predictions whose bodies have arrived and that are not yet answered. */
  readonly inFlight: number;
  /** Bytes of request bodies that are held, of all requests together. */
  readonly bodyBytes: number;
}

/** A model, as far as it holds predictions in flight; changed by the admission only. */
export interface Holder {
  inFlight: number;
}

/**
 * How many times what is free one of several models may hold. However many requests come for one model, there is room for
 * those of the others, and nothing is set aside for models that nobody asks (dynamic thresholds: Choudhury and Hahne,
 * IEEE/ACM Transactions on Networking, 1998). With 4, one greedy model has at most four fifths of all, two have four ninths each.
 */
const OF_WHAT_IS_FREE = 4;

/**
 * Bounds what is in flight: predictions by number, and bodies by their bytes. A body that is still on its way holds
 * bytes only, so that slow senders cannot keep others out.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  /** Whether there are several models. */
  readonly #rivals: () => boolean;
  #inFlight = 0;
  #bodyBytes = 0;

  constructor(limits: AdmissionLimits, rivals: () => boolean = () => false) {
    this.#limits = limits;
    this.#rivals = rivals;
  }

  /** Throws `overloaded` when no more predictions of a model are taken. */
  check(holder: Holder): void {
    const { inFlight: most } = this.#limits;
    const free = most - this.#inFlight;
    if (free <= 0) throw failure('overloaded', { limit: `${most} requests in flight` });
    if (holder.inFlight < OF_WHAT_IS_FREE * free || !this.#rivals()) return;
    throw failure('overloaded', { limit: `${holder.inFlight} of ${most} requests in flight for one model` });
  }

  /** Takes a prediction of a model on; call what it returns when it is answered. */
  enter(holder: Holder): () => void {
    this.check(holder);
    this.#inFlight++;
    holder.inFlight++;
    return () => {
      this.#inFlight--;
      holder.inFlight--;
    };
  }

  /** Takes bytes of a body on. Throws `overloaded`. */
  hold(bytes: number): void {
    const { bodyBytes } = this.#limits;
    if (this.#bodyBytes + bytes > bodyBytes)
      throw failure('overloaded', { limit: `${bodyBytes} bytes of request bodies` });
    this.#bodyBytes += bytes;
  }

  release(bytes: number): void {
    this.#bodyBytes -= bytes;
  }
}
