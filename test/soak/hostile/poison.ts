import { grpcUnary } from '../clients/grpc.ts';
import type { Place } from '../clients/place.ts';
import type { Protocol } from '../clients/protocol.ts';
import { Refused } from '../clients/question.ts';
import { v2Binary, v2Json } from '../clients/v2.ts';
import type { Excuses } from '../excuses.ts';
import { asking } from '../good/asking.ts';
import { askLookup, askPoison } from '../good/questions.ts';
import type { Kind } from '../kind.ts';

/** Beside one that fails its run. */
const GOOD = 7;

/** One request that fails the run that it is in, among good ones at the same moment: only that one fails. */
export function poisonKinds(place: Place, excuses: Excuses): Kind[] {
  return [v2Json(place), v2Binary(place), grpcUnary(place)].map(protocol => ({
    name: `poison, ${protocol.name}`,
    family: 'hostile',
    rate: 1,
    most: 4,
    mustSee: [/^only the poison failed$/],
    async act(random) {
      const poison = random.below(GOOD);
      const all = random.list(GOOD, index =>
        index === poison ? poisoned(protocol) : asking(askLookup(random), { protocol, excuses }),
      );
      await Promise.all(all);
      return 'only the poison failed';
    },
    close: () => protocol.close(),
  }));
}

/** The model's own failure: 500, or gRPC's INTERNAL. */
async function poisoned(protocol: Protocol): Promise<void> {
  const question = askPoison();
  try {
    question.check(await protocol.ask(question));
  } catch (error: unknown) {
    if (error instanceof Refused && [500, 13].includes(error.status)) return;
    throw error;
  }
}
