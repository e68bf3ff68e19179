/**
 * The split of requests: one value, the candidate's percentage. What is left is the stable one's, so the two add up to 100 whatever is
 * set.
 */
import type { KubeObject } from '../../object.ts';
import { isMembers, leaves, type Members, type Path, valueAt } from '../walk.ts';
import type { Insertion } from '../yaml/write.ts';
import { literal, whole } from './insertions.ts';
import { type Knob, reference } from './knob.ts';
import * as schemas from './schemas.ts';
import type { ChartArm } from './tiers.ts';

const VALUE = ['candidate', 'weight'];
const CANDIDATE = `int ${reference(VALUE)}`;
const STABLE = `sub 100 (${CANDIDATE})`;

const setting = {
  value: VALUE,
  schema: schemas.percent,
  about: 'Percent of requests that go to the candidate. The stable revision has all others.',
} as const;

/** Of a route that splits between both revisions; one that has a single target keeps it. */
export function weightKnobs(object: KubeObject, arms: readonly ChartArm[]): Knob[] {
  const weights = [...leaves(object)].filter(([path]) => path.at(-1) === 'weight');
  const lists = Map.groupBy(weights, ([path]) => JSON.stringify(path.slice(0, -2)));
  return [...lists.values()].flatMap(list => {
    const split = list.map(([path, weight]) => ({
      path,
      weight: Number(weight),
      arm: armAt(object, path, arms),
    }));
    const candidate = split.find(({ arm }) => arm?.role === 'candidate');
    const stable = split.find(({ arm }) => arm?.role === 'stable');
    const isWhole = split.length === 2 && candidate && stable && candidate.weight + stable.weight === 100;
    if (!isWhole) return [];
    const { weight: initial } = candidate;
    return [
      { ...setting, initial, path: candidate.path, insertion: whole(CANDIDATE) },
      { ...setting, initial, path: stable.path, insertion: whole(STABLE) },
    ];
  });
}

/** Whose weight it is: what has it names the revision's Service, its host, or its subset. */
function armAt(object: KubeObject, path: Path, arms: readonly ChartArm[]): ChartArm | undefined {
  const target = valueAt(object, path.slice(0, -1));
  const { name, destination } = isMembers(target) ? target : {};
  const { host, subset }: Members = isMembers(destination) ? destination : {};
  const called = [name, subset, String(host).split('.')[0]];
  return arms.find(({ revision }) => called.includes(revision));
}

/** A plan of fairlead's own gateway is a text of JSON, in which these members of an arm follow each other. In quotes they are escaped. */
const PLANNED = /(\\?"role\\?":\s*\\?"(stable|candidate)\\?",\s*\\?"weight\\?":\s*)(\d+)/g;

export function plannedWeightKnobs(object: KubeObject): Knob[] {
  if (object.kind !== 'ConfigMap') return [];
  return [...leaves(object['data'])].flatMap(([path, text]) => {
    if (typeof text !== 'string') return [];
    const found = [...text.matchAll(PLANNED)];
    const candidate = found.find(([, , role]) => role === 'candidate');
    if (found.length !== 2 || candidate === undefined) return [];
    return [{ ...setting, initial: Number(candidate[3]), path: ['data', ...path], insertion: planned(text) }];
  });
}

/** A number needs no quotes wherever it stands in the text. */
function planned(plan: string): Insertion {
  return literal(plan, written =>
    written.replaceAll(PLANNED, (_all, before: string, role: string) => {
      return `${before}{{ ${role === 'candidate' ? CANDIDATE : STABLE} }}`;
    }),
  );
}
