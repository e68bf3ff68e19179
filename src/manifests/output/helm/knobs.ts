/** All that may be set of a chart. */
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../object.ts';
import type { Knob } from './knob.ts';
import { metadataKnobs } from './metadata-knobs.ts';
import { podKnobs } from './pod-knobs.ts';
import { routeKnobs } from './route-knobs.ts';
import { scalingKnobs } from './scaling-knobs.ts';
import { type ChartArm, tiersByName } from './tiers.ts';
import { plannedWeightKnobs, weightKnobs } from './weight-knobs.ts';

export type KnobsOf = ReadonlyMap<KubeObject, readonly Knob[]>;

/**
 * By object. One value may be written into many of them; where they differ in it now, the first has the knob and the others stay as they
 * are, so that what is installed without a value set is what was rendered.
 */
export function knobsOf(objects: readonly KubeObject[], arms: readonly ChartArm[], chart: string): KnobsOf {
  const tiers = tiersByName(objects, arms);
  const metadata = metadataKnobs(objects);
  const initial = new Map<string, unknown>();
  return new Map(
    objects.map(object => {
      const tier = tiers.get(object.metadata.name);
      const all = [
        ...(tier !== undefined && object.kind === 'Deployment' ? podKnobs(object, tier, chart) : []),
        ...scalingKnobs(object, tiers),
        ...routeKnobs(object),
        ...weightKnobs(object, arms),
        ...plannedWeightKnobs(object),
        ...(metadata.get(object) ?? []),
      ];
      return [object, all.filter(knob => isShared(knob, initial))];
    }),
  );
}

function isShared(knob: Knob, known: Map<string, unknown>): boolean {
  const key = knob.value.join('.');
  if (!known.has(key)) known.set(key, knob.initial);
  return isDeepStrictEqual(known.get(key), knob.initial);
}
