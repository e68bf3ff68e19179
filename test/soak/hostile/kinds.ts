import type { Place } from '../clients/place.ts';
import type { Excuses } from '../excuses.ts';
import type { Kind } from '../kind.ts';
import { awkwardKinds } from './awkward.ts';
import { bodyKinds } from './bodies.ts';
import { deadlineKinds } from './deadlines.ts';
import { flood, stalled } from './flood.ts';
import { fuzzedKinds } from './fuzzed.ts';
import { leavingKinds } from './leaving.ts';
import { poisonKinds } from './poison.ts';

/** Clients that do not mean well, or do not do well. */
export function hostileKinds(place: Place, excuses: Excuses): Kind[] {
  return [
    ...fuzzedKinds(place),
    ...deadlineKinds(place),
    ...leavingKinds(place),
    ...bodyKinds(place),
    ...poisonKinds(place, excuses),
    ...awkwardKinds(place),
    flood(place),
    stalled(place),
  ];
}
