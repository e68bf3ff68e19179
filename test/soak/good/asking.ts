import type { Protocol, Wishes } from '../clients/protocol.ts';
import { type Question, Refused } from '../clients/question.ts';
import type { Excuses } from '../excuses.ts';

export interface Asking {
  readonly protocol: Protocol;
  readonly excuses: Excuses;
  /** What has to be provoked for a refusal to be excused, where that is not the model. */
  readonly subject?: string;
  readonly wishes?: Wishes;
}

/**
 * Asks, and checks the answer. Gives `right`, or for which provoked cause it was refused. Throws when the answer is wrong,
 * or was refused for no reason that was provoked.
 */
export async function asking(
  question: Question,
  { protocol, excuses, subject = question.model, wishes = {} }: Asking,
): Promise<string> {
  const since = performance.now();
  try {
    question.check(await protocol.ask(question, wishes));
    return 'right';
  } catch (error: unknown) {
    if (!(error instanceof Refused)) throw error;
    const cause = excuses.of({ status: error.status, subject, since, until: performance.now() });
    if (cause === undefined) throw error;
    checkRetryAfter(error);
    return `${error.status}: ${cause}`;
  }
}

/** Whoever is turned away for now is told when to come again. */
function checkRetryAfter({ status, retryAfter, message }: Refused): void {
  if ((status === 429 || status === 503) && !/^\d+$/.test(retryAfter ?? ''))
    throw new Error(`a refusal has no Retry-After: ${message}`);
}
