/** What became of what was to be told. */
export interface Told {
  /** It arrived. */
  readonly sent: number;
  /** There was no room for it, or no more time. */
  readonly dropped: number;
  /** Nobody took it. */
  readonly failed: number;
}

export const NOTHING_TOLD: Told = { sent: 0, dropped: 0, failed: 0 };
