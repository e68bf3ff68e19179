import { grpcUnary } from '../clients/grpc.ts';
import type { Place } from '../clients/place.ts';
import type { Protocol } from '../clients/protocol.ts';
import { Refused } from '../clients/question.ts';
import { v2Binary, v2Json } from '../clients/v2.ts';
import { askChain } from '../good/questions.ts';
import type { Kind } from '../kind.ts';

/** Far less than a run takes. Milliseconds. */
const SHORT_MS = 1;

/** HTTP's statuses and gRPC's codes for what is too late, or would be; and for what a burst or a kill leads to instead. */
const IN_ORDER = [429, 504, 4, 8, 500, 503, 13, 14];

/** Deadlines that nobody can meet. An answer must be right even so. */
export function deadlineKinds(place: Place): Kind[] {
  return [v2Json(place), v2Binary(place), grpcUnary(place)].map(protocol => ({
    name: `short deadline, ${protocol.name}`,
    family: 'hostile',
    rate: 2,
    most: 8,
    mustSee: [/^(429|504|4|8)$/],
    act: random => hurried(protocol, askChain(random)),
    close: () => protocol.close(),
  }));
}

async function hurried(protocol: Protocol, question: ReturnType<typeof askChain>): Promise<string> {
  try {
    question.check(await protocol.ask(question, { deadlineMs: SHORT_MS }));
    return 'right, but late';
  } catch (error: unknown) {
    if (error instanceof Refused && IN_ORDER.includes(error.status)) return String(error.status);
    throw error;
  }
}
