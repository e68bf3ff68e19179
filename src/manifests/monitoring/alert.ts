/** A rule that tells of a fault. */
export interface Alert {
  readonly name: string;
  readonly expr: string;
  /** For so long it has to be true. */
  readonly minutes: number;
  /** `critical`: clients get no answers, or wrong ones. */
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly description: string;
}

/** A single failure is in a window for as long as that is: an alert that needs longer is never about just one. */
export const LASTING = 10;
