import { AppError } from '#base';
import type { Case } from './case.ts';
import type { Random } from './random.ts';

/** A place where bytes of a client come in, as the fuzzer knows it. */
export interface Border {
  readonly name: string;
  /** Makes an input from the protocol's own grammar, most of it right. */
  make(random: Random): Case;
  /** Changes an input; `other` is one to take parts of. */
  change(known: Case, other: Case, random: Random): Case;
  /**
   * Takes an input through the border. Gives a few words for what became of it, the same for inputs of one kind. Throws
   * when the border broke its promise.
   */
  take(one: Case): string | Promise<string>;
}

/** Statuses from 500 on that say what a client asked for, or that there is no room. */
const IN_ORDER = [501, 503, 504, 505];

/** Words for a refusal. Throws what was thrown when that is no refusal in order. */
export function refusal(thrown: unknown): string {
  if (!(thrown instanceof AppError)) throw thrown;
  const { code, status, message, facts } = thrown;
  if (status >= 500 && !IN_ORDER.includes(status)) throw thrown;
  return `${code} ${kindOf(typeof facts['problem'] === 'string' ? facts['problem'] : message)}`;
}

const MOST_WORDS = 6;

/** The first words of a message, without what it quotes. */
function kindOf(message: string): string {
  const words = message.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"|\[[^\]]*\]/gs, ' ').match(/[A-Za-z_]{2,20}/g);
  return (words ?? []).slice(0, MOST_WORDS).join(' ');
}
