/** Which requests go where, whatever router is told: rules in order, of which the first that fits decides. */
import type { PodArm, Release } from '../release.ts';
import type { Protocol } from './ports.ts';

/** What a request shows. */
export type Condition = { readonly name: string; readonly value: string } & {
  readonly kind: 'header' | 'cookie';
};

export interface Share {
  readonly arm: PodArm;
  /** Percent; those of a rule add up to 100. */
  readonly weight: number;
}

export interface Rule {
  readonly name: string;
  readonly protocol: Protocol;
  /** One of these is enough; none for every request. */
  readonly conditions: readonly Condition[];
  readonly shares: readonly Share[];
  /** Gets a copy of so many percent, and its answers are dropped. */
  readonly mirror?: { readonly arm: PodArm; readonly percent: number };
  /** Whoever is answered is told by a cookie whose turn it was. */
  readonly assigns: boolean;
}

/**
 * What a person asked for by name comes first, then what a user was assigned before, and then the weights. Both arms keep their
 * users: where only the candidate did, its share would grow with every request that a user makes.
 */
export function rulesOf(release: Release, protocol: Protocol): Rule[] {
  const sticky = protocol === 'http' ? stickyOf(release) : undefined;
  return [
    ...matched(release),
    ...(sticky === undefined ? [] : release.arms.map(arm => kept(release, arm, sticky.cookie))),
    { name: 'weights', conditions: [], ...weighted(release), assigns: sticky !== undefined },
  ].map(rule => ({ ...rule, name: `${protocol}-${rule.name}`, protocol }));
}

type Drawn = Omit<Rule, 'protocol'>;

/**
 * What keeps users with their revision, while there is a choice: who came before a trial began, or after it was given up, is not
 * bound to what was the only revision.
 */
export function stickyOf({ arms }: Release) {
  const isChoice = arms.length > 1 && arms.every(({ weight }) => weight > 0);
  return isChoice ? arms[0].service.spec.traffic?.sticky : undefined;
}

/** What the file says of the candidate, where there is one. */
export function trialOf({ arms: [stable, arm] }: Release) {
  const { candidate } = stable.service.spec;
  return arm === undefined ? undefined : { arm, match: candidate?.match, mirror: candidate?.mirror };
}

function matched(release: Release): Drawn[] {
  const { arm, match } = trialOf(release) ?? {};
  if (arm === undefined || match === undefined) return [];
  const conditions = match.flatMap(({ header, cookie }): Condition[] => [
    ...(header ? [{ kind: 'header' as const, ...header }] : []),
    ...(cookie ? [{ kind: 'cookie' as const, ...cookie }] : []),
  ]);
  return [{ name: 'match', conditions, shares: [{ arm, weight: 100 }], assigns: false }];
}

function kept(release: Release, arm: PodArm, cookie: string): Drawn {
  const value = arm.deployed.revision.name;
  return {
    name: `kept-${arm.role}`,
    conditions: [{ kind: 'cookie', name: cookie, value }],
    shares: [{ arm, weight: 100 }],
    ...(arm.role === 'stable' && mirrorOf(release)),
    assigns: false,
  };
}

/** Of all arms, those of weight 0 too: a weight that is left out means 1 to some routers, and to others a share of the rest. */
function weighted(release: Release): Pick<Drawn, 'shares' | 'mirror'> {
  return { shares: release.arms.map(arm => ({ arm, weight: arm.weight })), ...mirrorOf(release) };
}

function mirrorOf(release: Release): Pick<Drawn, 'mirror'> {
  const { arm, mirror } = trialOf(release) ?? {};
  return arm === undefined || mirror === undefined ? {} : { mirror: { arm, percent: mirror } };
}
