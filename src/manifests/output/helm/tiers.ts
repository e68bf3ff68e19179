/** Which Deployments a chart has, and under which name its values know them. */
import type { Role } from '#spec';
import type { KubeObject } from '../../object.ts';
import { isDeployment, POD } from '../pod-templates.ts';
import { type Path, valueAt } from '../walk.ts';

export interface ChartArm {
  readonly role: Role;
  /** The revision's name. */
  readonly revision: string;
}

/** Where values of a Deployment lie: `[stable]`, `[stable, spot]`, `[gateway]`. The first step is what it shares with others. */
export type Tier = readonly [string, ...string[]];

const LABELS: Path = [...POD.slice(0, -1), 'metadata', 'labels'];

/** By the names of Deployments. One that is of no revision and no gateway is left as it is. */
export function tiersByName(
  objects: readonly KubeObject[],
  arms: readonly ChartArm[],
): ReadonlyMap<string, Tier> {
  const found = objects.filter(isDeployment).flatMap((object): [string, Tier][] => {
    const tier = tierOf(object, arms);
    return tier === undefined ? [] : [[object.metadata.name, tier]];
  });
  return new Map(found);
}

function tierOf(object: KubeObject, arms: readonly ChartArm[]): Tier | undefined {
  if (valueAt(object, [...LABELS, 'component']) === 'gateway') return ['gateway'];
  const version = valueAt(object, [...LABELS, 'version']);
  const arm = arms.find(({ revision }) => revision === version);
  if (arm === undefined) return undefined;
  const half = object.metadata.name.slice(arm.revision.length + 1);
  return half === '' ? [arm.role] : [arm.role, half];
}
