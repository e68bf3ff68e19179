import { grpcUnary } from '../clients/grpc.ts';
import type { Place } from '../clients/place.ts';
import { plain } from '../clients/plain.ts';
import type { Protocol } from '../clients/protocol.ts';
import { type Question, Refused } from '../clients/question.ts';
import { v2Binary, v2Json } from '../clients/v2.ts';
import { chainOf } from '../good/questions.ts';
import type { Kind } from '../kind.ts';

/** Far less than a run with so many rows takes. Milliseconds. */
const SHORT_MS = 1;
const ROWS = 16;

/** HTTP's statuses and gRPC's codes for what is too late, or would be; and for what a burst or a kill leads to instead. */
const IN_ORDER = [429, 504, 4, 8, 500, 503, 13, 14];

/** The server looks at deadlines every few milliseconds, and a machine may be busy. */
const MOST_LATE_MS = 500;

/** Deadlines that nobody can meet. An answer must be right even so. */
export function deadlineKinds(place: Place): Kind[] {
  return [plain(place), v2Json(place), v2Binary(place), grpcUnary(place)].map(protocol => ({
    name: `short deadline, ${protocol.name}`,
    family: 'hostile',
    rate: 1,
    most: 8,
    mustSee: [/^(429|504|4|8)$/],
    act: random => hurried(protocol, chainOf(random, ROWS)),
    close: () => protocol.close(),
  }));
}

async function hurried(protocol: Protocol, question: Question): Promise<string> {
  const since = performance.now();
  try {
    question.check(await protocol.ask(question, { deadlineMs: SHORT_MS }));
  } catch (error: unknown) {
    if (error instanceof Refused && IN_ORDER.includes(error.status)) return String(error.status);
    throw error;
  }
  const ms = performance.now() - since;
  if (ms > MOST_LATE_MS)
    throw new Error(`an answer came after ${Math.round(ms)} ms, with a deadline of ${SHORT_MS}`);
  return 'right, but late';
}
