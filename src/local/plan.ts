import type { Arm, Revision } from '#spec';

/** A server that exists, on its way up or in service. Servers that are stopping are listed too: their ids are taken. */
export interface Observed {
  readonly revision: string;
  readonly id: number;
  readonly stopping: boolean;
}

export type Action =
  | { readonly kind: 'start'; readonly revision: Revision; readonly id: number }
  | { readonly kind: 'stop'; readonly revision: string; readonly id: number };

export interface Plan {
  /** What to start, then what to stop. */
  readonly actions: readonly Action[];
  /** One sentence for each revision whose servers change. */
  readonly because: readonly string[];
}

/**
 * Which servers to start and stop so that each arm has as many as it wants. A revision that stays keeps its processes:
 * weights alone change nothing here. A revision that needs fewer loses those with the highest ids.
 */
export function plan(desired: readonly Arm[], observed: readonly Observed[]): Plan {
  const wanted = foldArms(desired);
  const kept = wanted.map(arm => change(arm, observed));
  const left = Map.groupBy(
    observed.filter(
      ({ revision, stopping }) => !stopping && !wanted.some(arm => arm.revision.name === revision),
    ),
    ({ revision }) => revision,
  );
  const gone = [...left].map(([revision, servers]) => ({
    actions: servers.map(({ id }): Action => ({ kind: 'stop', revision, id })),
    because: [`${revision} is no longer in the file: stop ${count(servers.length)}`],
  }));
  const all = [...kept, ...gone];
  const actions = all.flatMap(part => part.actions);
  return {
    actions: [
      ...actions.filter(({ kind }) => kind === 'start'),
      ...actions.filter(({ kind }) => kind === 'stop'),
    ],
    because: all.flatMap(part => part.because),
  };
}

function change({ revision, replicas }: Arm, observed: readonly Observed[]): Plan {
  const ours = observed.filter(server => server.revision === revision.name);
  const running = ours.filter(({ stopping }) => !stopping).map(({ id }) => id);
  const missing = replicas - running.length;
  if (missing === 0) return { actions: [], because: [] };
  const has = running.length === 0 ? 'none' : `${running.length}`;
  const why = `${revision.name} should have ${count(replicas)} and has ${has}`;
  if (missing > 0) {
    const ids = freeIds(new Set(ours.map(({ id }) => id)), missing);
    return {
      actions: ids.map(id => ({ kind: 'start', revision, id })),
      because: [`${why}: start ${missing}`],
    };
  }
  const surplus = running.toSorted((a, b) => a - b).slice(replicas);
  return {
    actions: surplus.map(id => ({ kind: 'stop', revision: revision.name, id })),
    because: [`${why}: stop ${surplus.length}`],
  };
}

/** Arms of the same revision (a candidate that equals the stable one) as one arm: the first, with the sums. */
export function foldArms(arms: readonly Arm[]): Arm[] {
  const folded = new Map<string, Arm>();
  for (const arm of arms) {
    const same = folded.get(arm.revision.name);
    const sum = same && {
      ...same,
      replicas: same.replicas + arm.replicas,
      weight: same.weight + arm.weight,
    };
    folded.set(arm.revision.name, sum ?? arm);
  }
  return [...folded.values()];
}

function freeIds(taken: ReadonlySet<number>, many: number): number[] {
  const ids: number[] = [];
  for (let id = 0; ids.length < many; id++) if (!taken.has(id)) ids.push(id);
  return ids;
}

function count(servers: number): string {
  return servers === 1 ? '1 server' : `${servers} servers`;
}
