/** Clients that mean well, over every protocol. */
import { grpcStream, grpcUnary } from '../clients/grpc.ts';
import type { Place } from '../clients/place.ts';
import { plain } from '../clients/plain.ts';
import { tfsRest, tfsRpc } from '../clients/tfserving.ts';
import { v2Binary, v2Gzip, v2Json } from '../clients/v2.ts';
import { Excuses } from '../excuses.ts';
import type { Kind } from '../kind.ts';
import { type Asking, asking } from './asking.ts';
import type { Factors } from './factors.ts';
import {
  type Ask,
  askChain,
  askDigits,
  askFirstDigits,
  askLatestDigits,
  askLookup,
  askScale,
  askTexts,
  largeDigits,
} from './questions.ts';

/** Of each protocol, each second. */
const RATE = 10;

/** Questions of one stream. */
const IN_STREAM = 5;

export interface GoodOptions {
  readonly place: Place;
  readonly factors: Factors;
  readonly excuses: Excuses;
}

export function goodKinds({ place, factors, excuses }: GoodOptions): Kind[] {
  const others = [askTexts, askLookup, askScale(factors)];
  const any = among([askDigits, ...others]);
  const protocols = [
    v2Json(place),
    v2Gzip(place),
    v2Binary(place),
    grpcUnary(place),
    grpcStream(place, IN_STREAM),
    tfsRest(place),
    tfsRpc(place),
  ];
  return [
    // It has no way to name a version.
    kind(
      'plain',
      { protocol: plain(place), excuses },
      { ask: among([askLatestDigits, ...others]), rate: RATE },
    ),
    ...protocols.map(protocol => kind(protocol.name, { protocol, excuses }, { ask: any, rate: RATE })),
    ...[v2Binary(place), grpcUnary(place)].map(protocol =>
      kind(`${protocol.name}, chain`, { protocol, excuses }, { ask: askChain, rate: 5 }),
    ),
    kind('large body', { protocol: plain(place), excuses }, { ask: largeDigits, rate: 0.7 }),
  ];
}

/** Clients of `fairlead up`, which are never refused. */
export function upKinds(place: Place): Kind[] {
  const excuses = new Excuses();
  return [plain(place), v2Binary(place), grpcUnary(place)].map(protocol =>
    kind(`up, ${protocol.name}`, { protocol, excuses }, { ask: askFirstDigits, rate: 10 }),
  );
}

function among(asks: readonly Ask[]): Ask {
  return random => random.pick(asks)(random);
}

function kind(name: string, how: Asking, { ask, rate }: { readonly ask: Ask; readonly rate: number }): Kind {
  return {
    name,
    family: 'good',
    rate,
    most: 64,
    mustSee: [/^right$/],
    act: random => asking(ask(random), how),
    close: () => how.protocol.close(),
  };
}
