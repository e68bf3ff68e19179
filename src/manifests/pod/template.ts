import { type Labels, revisionLabels } from '../names.ts';
import type { PodArm, Release } from '../release.ts';
import type { Tier } from '../workload/tiers.ts';
import { endingOf, isOverlong } from './ending.ts';
import { initContainers } from './init-containers.ts';
import { placementOf } from './placement.ts';
import { metricsAt, portsOf } from './ports.ts';
import { podSecurity } from './security.ts';
import { serverContainer } from './server-container.ts';
import { volumesOf } from './volumes.ts';

/** What all pods of a Deployment are made of. */
export function templateOf(release: Release, arm: PodArm, tier: Tier, selector: Labels): object {
  const { kubernetes } = arm.service.spec;
  const storage = volumesOf(arm);
  const ending = endingWithin(arm, tier);
  const init = initContainers(release, arm, storage);
  const annotations = { ...scraping(arm), ...kubernetes.annotations };
  return {
    metadata: {
      labels: { ...revisionLabels(release, arm), ...selector },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: {
      serviceAccountName: kubernetes.serviceAccount?.name ?? release.name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(kubernetes.pullSecrets.length > 0 && {
        imagePullSecrets: kubernetes.pullSecrets.map(name => ({ name })),
      }),
      terminationGracePeriodSeconds: ending.whole,
      securityContext: podSecurity(portsOf(arm).map(({ containerPort }) => containerPort)),
      ...placementOf(arm, tier, selector),
      ...(init.length > 0 && { initContainers: init }),
      containers: [serverContainer(arm, ending, storage)],
      volumes: storage.volumes,
    },
  };
}

/** What does not fit is refused before objects are made. */
function endingWithin(arm: PodArm, tier: Tier) {
  const ending = endingOf(arm, tier);
  if (!isOverlong(ending)) return ending;
  throw new Error(`a release was not refused whose pods need more than the ${ending.budget} s they have`);
}

function scraping(arm: PodArm): Labels {
  const at = metricsAt(arm);
  if (at === undefined || arm.service.spec.kubernetes.metrics.annotations === undefined) return {};
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': String(at.port),
    'prometheus.io/path': at.path,
    'prometheus.io/scheme': at.scheme,
  };
}
