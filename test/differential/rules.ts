/** What may differ, and why. A difference that no rule explains is a fault, and so is a rule that explains nothing. */
import type { Difference } from './compare.ts';
import type { Observation } from './survey.ts';

export interface Rule {
  readonly id: string;
  /** What differs, as a heading. */
  readonly title: string;
  /** Whose choice it is, and what it means to a client. */
  readonly why: string;
  /** Whether it explains a difference, wherever that is. Without this, it explains those of requests that name it. */
  readonly covers?: (difference: Difference) => boolean;
}

export interface Explained {
  readonly rule: Rule;
  readonly differences: readonly Difference[];
}

/** The differences under the first rule that explains each, in the order of the rules; and what is wrong, a sentence each. */
export function explain(
  differences: readonly Difference[],
  rules: readonly Rule[],
): { explained: Explained[]; faults: string[] } {
  const found = differences.map(one => ({ one, rule: rules.find(rule => explains(rule, one)) }));
  const explained = rules.map(rule => ({
    rule,
    differences: found.filter(item => item.rule === rule).map(({ one }) => one),
  }));
  const open = found.filter(({ rule }) => rule === undefined).map(({ one }) => unexplained(one));
  return { explained, faults: [...open, ...explained.flatMap(idle)] };
}

function explains({ id, covers }: Rule, difference: Difference): boolean {
  return covers === undefined ? difference.of.differs.includes(id) : covers(difference);
}

function unexplained({ of, field, peer, fairlead }: Difference): string {
  return `no rule says why '${of.title}' differs in ${field}\n    theirs: ${peer}\n    ours:   ${fairlead}`;
}

function idle({ rule, differences }: Explained): string[] {
  return differences.length === 0 ? [`the rule '${rule.id}' explains nothing`] : [];
}

/** Rules that a request names and that no rule set has, or that explain nothing there; a sentence each. */
export function staleNames(
  observations: readonly Observation[],
  explained: readonly Explained[],
  known: ReadonlySet<string>,
): string[] {
  const used = new Set(
    explained.flatMap(({ rule, differences }) => differences.map(({ of }) => `${rule.id} ${of.title}`)),
  );
  const ids = new Set(explained.map(({ rule }) => rule.id));
  return observations.flatMap(({ of }) =>
    of.differs
      .filter(id => !known.has(id) || (ids.has(id) && !used.has(`${id} ${of.title}`)))
      .map(id => `'${of.title}' names the rule '${id}', which explains nothing there`),
  );
}

/** What fairlead should have answered with another status; a sentence each. */
export function wrongStatuses(observations: readonly Observation[]): string[] {
  return observations
    .filter(({ of, fairlead }) => fairlead['status'] !== String(of.status))
    .map(
      ({ of, fairlead }) =>
        `fairlead should answer '${of.title}' with ${of.status}, and answers ${fairlead['status']} ${fairlead['error'] ?? ''}`,
    );
}
