import { failure } from '#base';

/** What a server takes on at once. */
export interface AdmissionLimits {
  /** Predictions whose bodies have arrived and that are not yet answered. */
  readonly inFlight: number;
  /** Bytes of request bodies that are held, of all requests together. */
  readonly bodyBytes: number;
}

/**
 * Bounds what is in flight: predictions by number, and bodies by their bytes. A body that is still on its way holds
 * bytes only, so that slow senders cannot keep others out.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  #inFlight = 0;
  #bodyBytes = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Throws `overloaded` when no more predictions are taken. */
  check(): void {
    const { inFlight } = this.#limits;
    if (this.#inFlight >= inFlight) throw failure('overloaded', { limit: `${inFlight} requests in flight` });
  }

  /** Takes a prediction on; call what it returns when it is answered. */
  enter(): () => void {
    this.check();
    this.#inFlight++;
    return () => void this.#inFlight--;
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
