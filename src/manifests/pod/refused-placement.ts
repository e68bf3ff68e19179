import { gpuPod } from '../gpu/pod.ts';
import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';
import { spotMark } from './machines.ts';

/** Labels of nodes that follow from the rest of the file: another value would leave pods without a node. */
export function placementRefusals(arm: PodArm): Refused[] {
  const { nodeSelector } = arm.service.spec.kubernetes;
  const mark = spotMark(arm);
  const told: Readonly<Record<string, string>> = {
    ...Object.fromEntries(Object.keys(gpuPod(arm).nodeSelector ?? {}).map(label => [label, 'resources.gpu'])),
    ...(mark && { [mark.label]: 'capacity.spot' }),
  };
  return Object.keys(nodeSelector).flatMap(label =>
    told[label] === undefined
      ? []
      : [
          {
            path: `spec.kubernetes.nodeSelector.${label}`,
            problem: `is what ${told[label]} decides: leave it out here`,
          },
        ],
  );
}
