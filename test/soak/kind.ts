import type { Random } from '../fuzz/random.ts';

/** Who sends it, or does it: clients that mean well, clients that do not, and whoever operates the server. */
export type Family = 'good' | 'hostile' | 'chaos';

/** One kind of traffic, or of trouble. */
export interface Kind {
  readonly name: string;
  readonly family: Family;
  /** Begun each second, about. */
  readonly rate: number;
  /** At once; what would be more is left out. */
  readonly most: number;
  /** How each of these has to come out at least once in a run, or the run has shown nothing of it. */
  readonly mustSee: readonly RegExp[];
  /** Does it once. Gives a few words for what became of it. Throws when the subject broke a promise. */
  act(random: Random): Promise<string>;
  close?(): void;
}
