import { err, ok, type Result } from '#base';
import { accountOf } from './around/account.ts';
import { autoscalersOf } from './around/autoscalers.ts';
import { disruptionsOf } from './around/disruptions.ts';
import { networkOf } from './around/network.ts';
import { aroundRefusals } from './around/refusals.ts';
import { scrapingOf } from './around/scraping.ts';
import { servicesOf } from './around/services.ts';
import { claimsOf } from './gpu/claim.ts';
import { gpuRefusals } from './gpu/refusals.ts';
import { leftRefusals } from './left.ts';
import type { KubeObject } from './object.ts';
import { ordered } from './output/order.ts';
import { podRefusals } from './pod/refusals.ts';
import type { Refused } from './refused.ts';
import type { PodArm, Release } from './release.ts';
import { trafficRefusals } from './traffic/refusals.ts';
import { routesOf } from './traffic/routes.ts';
import { workloadsOf } from './workload/deployments.ts';
import { settingsOf } from './workload/settings.ts';

/**
 * All objects of a service in a namespace, in the order in which they are to be applied: what is referred to comes first. The same
 * release gives the same objects.
 */
export function objectsOf(release: Release): Result<readonly KubeObject[], readonly Refused[]> {
  const refused = refusalsOf(release);
  if (refused.length > 0) return err(refused);
  const shared = [
    ...accountOf(release),
    ...networkOf(release),
    ...servicesOf(release),
    ...scrapingOf(release),
    ...routesOf(release),
  ];
  return ok(ordered([...shared, ...release.arms.flatMap(arm => ofRevision(release, arm))]));
}

function ofRevision(release: Release, arm: PodArm): KubeObject[] {
  return [
    ...settingsOf(release, arm),
    ...claimsOf(release, arm),
    ...workloadsOf(release, arm),
    ...disruptionsOf(release, arm),
    ...autoscalersOf(release, arm),
  ];
}

/** Each once, though both revisions have it. */
function refusalsOf(release: Release): Refused[] {
  const all = [leftRefusals, podRefusals, gpuRefusals, aroundRefusals, trafficRefusals].flatMap(find =>
    find(release),
  );
  return [...new Map(all.map(one => [`${one.path} ${one.problem}`, one])).values()];
}
