import type { ModelIdentity } from '#spec';
import type { Endpoint } from './endpoint.ts';
import { eligible, type Target } from './route.ts';
import { type Split, sameShares, startSplit, takeTurn } from './split.ts';

/** A revision as the gateway routes to it; `endpoints` are the servers in rotation. */
export interface PoolArm {
  readonly revision: string;
  /** What its servers had when they started; one whose models change may have others by now. */
  readonly models: readonly ModelIdentity[];
  readonly weight: number;
  readonly endpoints: readonly Endpoint[];
}

/** Chooses a server for each request: the revision by weight, the server by fewest requests in flight. */
export class Pool {
  #arms: readonly PoolArm[] = [];
  /** One split for each set of arms that targets narrow to, so that each is exact by itself. */
  readonly #splits = new Map<string, Split>();
  /** By revision, the server that had the last turn among equally busy ones. */
  readonly #last = new Map<string, number>();

  update(arms: readonly PoolArm[]): void {
    const gone = this.#arms.some(old => !arms.some(arm => arm.revision === old.revision));
    this.#arms = arms;
    if (!gone) return;
    this.#splits.clear();
    this.#last.clear();
  }

  /** Whether a request that names nothing would find a server. */
  get isUp(): boolean {
    return withServers(this.#arms, false).length > 0;
  }

  /** A server for a request, if any is in rotation. */
  pick(target: Target): Endpoint | undefined {
    const { arms, pinned } = eligible(this.#arms, target);
    const arm = this.#turn(arms.map(({ revision }) => revision).join(' '), withServers(arms, pinned));
    return arm && this.#leastBusy(arm.revision, arm.endpoints);
  }

  /** Another server for a request whose connection failed: of the same revision if it can be. Costs nobody a turn. */
  another(target: Target, failed: Endpoint): Endpoint | undefined {
    const { arms, pinned } = eligible(this.#arms, target);
    const others = withServers(arms, pinned)
      .map(arm => ({ ...arm, endpoints: arm.endpoints.filter(endpoint => endpoint !== failed) }))
      .filter(arm => arm.endpoints.length > 0)
      .toSorted((a, b) => b.weight - a.weight);
    const arm = others.find(({ revision }) => revision === failed.revision) ?? others[0];
    return arm && this.#leastBusy(arm.revision, arm.endpoints);
  }

  #turn(key: string, arms: readonly PoolArm[]): PoolArm | undefined {
    const shares = arms.map(({ revision, weight }) => ({ name: revision, weight }));
    const before = this.#splits.get(key);
    const turn = takeTurn(before && sameShares(before.shares, shares) ? before : startSplit(shares));
    if (turn === undefined) return undefined;
    this.#splits.set(key, turn.split);
    return arms.find(({ revision }) => revision === turn.name);
  }

  #leastBusy(revision: string, endpoints: readonly Endpoint[]): Endpoint | undefined {
    const least = Math.min(...endpoints.map(({ inFlight }) => inFlight));
    const free = endpoints.filter(({ inFlight }) => inFlight === least);
    const last = this.#last.get(revision) ?? -1;
    const chosen = free.find(({ server }) => server > last) ?? free[0];
    if (chosen) this.#last.set(revision, chosen.server);
    return chosen;
  }
}

/**
 * The arms that can answer now. Weight 0 takes part only in a request that names its version, and there only when no
 * arm with a weight can; then such arms share equally.
 */
function withServers(arms: readonly PoolArm[], pinned: boolean): readonly PoolArm[] {
  const up = arms.filter(({ endpoints }) => endpoints.length > 0);
  const weighted = up.filter(({ weight }) => weight > 0);
  if (weighted.length > 0 || !pinned) return weighted;
  return up.map(arm => ({ ...arm, weight: 1 }));
}
