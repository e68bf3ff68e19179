/** One peer against fairlead: from requests to what the page says and what is wrong. */
import { compare } from './compare.ts';
import { type Contest, contests } from './contests.ts';
import type { Comparison } from './page.ts';
import type { Peer } from './peers/process.ts';
import { explain, staleNames, wrongStatuses } from './rules.ts';
import { type Observation, type Start, survey } from './survey.ts';

export interface Compared {
  readonly comparison: Comparison;
  /** A sentence each. */
  readonly faults: readonly string[];
  readonly requests: number;
}

export async function compared(contest: Contest, fairlead: Peer, start: Start): Promise<Compared> {
  const cases = contest.groups.flatMap(group => group.cases);
  const { name, observations } = await survey(cases, fairlead, start);
  const { explained, faults } = explain(observations.flatMap(differencesOf), contest.rules);
  return {
    comparison: { peer: name, groups: counts(contest, observations), explained },
    faults: [...faults, ...staleNames(observations, explained, knownRules()), ...wrongStatuses(observations)],
    requests: cases.length,
  };
}

function differencesOf({ of, peer, fairlead }: Observation): ReturnType<typeof compare> {
  return compare(of, peer, fairlead);
}

function knownRules(): Set<string> {
  return new Set(contests.flatMap(({ rules }) => rules.map(({ id }) => id)));
}

function counts({ groups }: Contest, observations: readonly Observation[]): Comparison['groups'] {
  const found = new Map(observations.map(one => [one.of, differencesOf(one)]));
  return groups.map(({ title, cases }) => ({
    title,
    requests: cases.length,
    alike: cases.filter(one => found.get(one)?.[0]?.field !== 'status').length,
    same: cases.filter(one => found.get(one)?.length === 0).length,
  }));
}
