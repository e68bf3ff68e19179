/** Shares of requests that nobody could answer. */
import type { Refused } from '../refused.ts';
import type { Release } from '../release.ts';
import { trialOf } from './rules.ts';

/** Whoever gets requests has pods. */
export function armRefusals(release: Release): Refused[] {
  const [stable] = release.arms;
  const trial = trialOf(release);
  if (trial === undefined) return [];
  const { arm, match, mirror } = trial;
  const path = 'spec.candidate.replicas';
  const asks = [
    ...(arm.weight > 0 ? [`its weight is ${arm.weight}`] : []),
    ...(match === undefined ? [] : ['match sends requests to it']),
    ...(mirror === undefined ? [] : ['mirror sends it copies']),
  ];
  const isEmpty = arm.replicas === 0 && asks.length > 0;
  const isStableEmpty =
    stable.replicas === 0 && stable.weight > 0 && stable.service.spec.scaling === undefined;
  return [
    ...(isEmpty ? [{ path, problem: `must be at least 1: ${asks.join(', and ')}` }] : []),
    ...(isStableEmpty
      ? [{ path: 'spec.replicas', problem: `must be at least 1: its weight is ${stable.weight}` }]
      : []),
  ];
}
