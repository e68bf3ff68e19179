import type { Case } from '../case.ts';
import type { Finding } from '../finding.ts';
import type { Tally } from '../fuzzer.ts';

/** What a thread is to do. */
export interface Job {
  readonly borders: readonly string[];
  readonly seed: number;
  /** Milliseconds for all borders together. */
  readonly ms: number;
  readonly memory: SharedArrayBuffer;
}

export interface Result {
  readonly border: string;
  readonly tally: Tally;
  readonly ms: number;
  readonly finds: ReadonlyMap<string, Case>;
}

export type Told =
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'results'; readonly results: readonly Result[] };
