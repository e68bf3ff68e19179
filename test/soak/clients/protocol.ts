import type { Question, Told } from './question.ts';

export interface Wishes {
  /** For the answer, as the protocol lets a client say it. Milliseconds. */
  readonly deadlineMs?: number;
  /** Ends the exchange from the client's side. */
  readonly signal?: AbortSignal;
}

/** A way to ask a server. */
export interface Protocol {
  readonly name: string;
  /** Throws `Refused`, or what the connection failed with. */
  ask(question: Question, wishes?: Wishes): Promise<Told>;
  close(): void;
}
