import type { Protocol, Wishes } from '../clients/protocol.ts';
import { type Question, Refused } from '../clients/question.ts';
import type { Excuses } from '../excuses.ts';

export interface Asking {
  readonly protocol: Protocol;
  readonly excuses: Excuses;
  readonly wishes?: Wishes;
}

/**
 * Asks, and checks the answer. Gives `right`, or for which provoked cause it was refused. Throws when the answer is wrong,
 * or was refused for no reason that was provoked.
 */
export async function asking(
  question: Question,
  { protocol, excuses, wishes = {} }: Asking,
): Promise<string> {
  const since = performance.now();
  try {
    question.check(await protocol.ask(question, wishes));
    return 'right';
  } catch (error: unknown) {
    if (!(error instanceof Refused)) throw error;
    const { status, message: text } = error;
    const cause = excuses.of({ status, text, model: question.model, since, until: performance.now() });
    if (cause === undefined) throw error;
    checkRetryAfter(error);
    return `${status}: ${cause}`;
  }
}

/** Whoever is turned away for now is told when to come again. */
function checkRetryAfter({ status, retryAfter, message }: Refused): void {
  if ((status === 429 || status === 503) && !/^\d+$/.test(retryAfter ?? ''))
    throw new Error(`a refusal has no Retry-After: ${message}`);
}
