import { failure } from '#base';
import type { ByteBudget } from './budget.ts';
import { letGo } from './letting-go.ts';

export interface GatheringOptions {
  /** Bytes, at most. */
  readonly limit: number;
  /** Holds the bytes that have arrived. */
  readonly budget: ByteBudget;
  /** Bytes that are announced. */
  readonly expected?: number | undefined;
  /** The position within that is to lie on a 16-byte boundary of its memory, so that numbers there can be viewed. */
  readonly align?: number | undefined;
  /** Whether the memory of a piece is that piece's alone: then it is freed as soon as it was copied. */
  readonly owned?: boolean;
}

/** Memory grows by this, so little is copied twice. */
const GROWTH = 4;

/** Bytes that move to new memory for each that arrives: done before it is full, and never much at once. */
const PACE = 1 / 2;

/**
 * Puts what arrives in pieces together, in memory that grows with it: never from an announcement alone, without a second
 * copy at the end, and without a step that holds up the event loop. What came in one piece stays as it is.
 */
export class Gathering {
  readonly #options: GatheringOptions;
  #length = 0;
  /** The first piece, until there is another. */
  #only: Buffer | undefined;
  /** Memory of which the first `#start` bytes are for alignment. */
  #memory: Buffer | undefined;
  readonly #start: number;
  /** What was full, and is still moving into the memory. */
  #full: Buffer | undefined;
  /** The memory that this is in, if it is ours. */
  #old: Buffer | undefined;
  #moved = 0;

  constructor(options: GatheringOptions) {
    this.#options = options;
    this.#start = -(options.align ?? 0) & 15;
  }

  get length(): number {
    return this.#length;
  }

  /** Takes a piece, which must not change from now on. Throws `body_too_large` or `overloaded`. */
  add(piece: Buffer): void {
    // Whoever looks again for more may find nothing; what one byte grows to is no more than that.
    if (piece.length === 0) return;
    const { limit, budget } = this.#options;
    if (this.#length + piece.length > limit) throw failure('body_too_large', { limit });
    budget.hold(piece.length);
    const at = this.#length;
    this.#length += piece.length;
    if (at === 0) this.#only = piece;
    else this.#put(piece, at);
  }

  /** All of it, once. As many bytes are held as it has. */
  finish(): Buffer {
    this.#move(Infinity);
    const whole = this.#memory?.subarray(this.#start, this.#start + this.#length) ?? this.#only;
    return whole ?? Buffer.alloc(0);
  }

  /** Holds nothing any more. */
  abandon(): void {
    this.#options.budget.release(this.#length + (this.#full?.length ?? 0));
    this.#length = 0;
    this.#only = this.#memory = this.#full = this.#old = undefined;
  }

  #put(piece: Buffer, at: number): void {
    const room = (this.#memory?.length ?? 0) - this.#start;
    const memory = this.#memory === undefined || this.#length > room ? this.#grow(at) : this.#memory;
    piece.copy(memory, this.#start + at);
    this.#move(Math.ceil(PACE * piece.length));
    if (this.#options.owned === true) letGo(piece);
  }

  /** New memory, into which the `held` bytes of the old begin to move; until they have, both count. */
  #grow(held: number): Buffer {
    this.#move(Infinity);
    this.#old = this.#memory ?? (this.#options.owned === true ? this.#only : undefined);
    this.#options.budget.hold(held);
    this.#full = this.#memory?.subarray(this.#start, this.#start + held) ?? this.#only;
    this.#moved = 0;
    this.#only = undefined;
    this.#memory = Buffer.allocUnsafeSlow(this.#start + this.#capacity());
    return this.#memory;
  }

  /** A power of the growth below what is announced or allowed, so that the last step is made early. */
  #capacity(): number {
    const { limit, expected = limit } = this.#options;
    let capacity = Math.max(expected, this.#length);
    while (Math.ceil(capacity / GROWTH) >= this.#length) capacity = Math.ceil(capacity / GROWTH);
    return capacity;
  }

  #move(bytes: number): void {
    const full = this.#full;
    if (full === undefined) return;
    const end = Math.min(this.#moved + bytes, full.length);
    full.copy(this.#memory as Buffer, this.#start + this.#moved, this.#moved, end);
    this.#moved = end;
    if (end < full.length) return;
    this.#full = undefined;
    this.#options.budget.release(full.length);
    if (this.#old !== undefined) letGo(this.#old);
    this.#old = undefined;
  }
}
