/** Why pods do not come up, the most telling first: what keeps them from being made, then from a node, then from running. */
export const CODES = [
  'quota',
  'pod_security',
  'not_created',
  'image',
  'configuration',
  'memory',
  'crash',
  'mount',
  'unschedulable',
  'init_running',
  'not_ready',
  'no_progress',
] as const;

export type ReasonCode = (typeof CODES)[number];

export interface Reason {
  readonly code: ReasonCode;
  readonly sentence: string;
  /** The last that a container wrote, where that helps: a few short lines. */
  readonly lines: readonly string[];
}
