/** What the soak and its server's process say to each other. */

/** What to end or tell; each is answered with a `Told` of the same id. */
export type Wish = 'usage' | 'kill thread';

export interface Told {
  readonly id: number;
  readonly usage?: Usage;
  /** The name of the thread that was told to end; empty when there is none. */
  readonly killed?: string;
}

/** The process from within. */
export interface Usage {
  readonly heapMib: number;
  /** Of buffers, outside of the heap. */
  readonly externalMib: number;
  /** What keeps the event loop alive, by type. */
  readonly resources: Readonly<Record<string, number>>;
  /** The event loop's delays since last told. Milliseconds. */
  readonly delay: { readonly p99: number; readonly most: number };
  readonly threads: readonly string[];
  /** Threads that have ended, for whatever reason. */
  readonly ended: number;
}
