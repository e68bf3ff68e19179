/** The container that serves. */
import { gpuContainer } from '../gpu/pod.ts';
import type { PodArm } from '../release.ts';
import { commandOf, credentialsFrom, environmentOf, imageOf, resourcesOf, told } from './container-parts.ts';
import type { Ending } from './ending.ts';
import { portsOf } from './ports.ts';
import { probesOf } from './probes.ts';
import { containerSecurity } from './security.ts';
import type { Storage } from './storage.ts';
import { cacheVariables, pullsItself, variablesOf } from './variables.ts';

export function serverContainer(arm: PodArm, { preStop }: Ending, { server }: Storage): object {
  const { launch, deployed } = arm;
  const asks = pullsItself(arm);
  // What was pulled before it started is what it serves: it needs no credentials, and no source that answers.
  const cached = deployed.isPulled ? { ...cacheVariables(arm), ...(!asks && { FAIRLEAD_OFFLINE: '1' }) } : {};
  return {
    name: 'server',
    ...imageOf(arm.image),
    ...commandOf(launch),
    workingDir: launch.folder,
    ...environmentOf(variablesOf(arm, launch.env, cached)),
    ...(asks && credentialsFrom(arm)),
    ports: portsOf(arm),
    resources: resourcesOf(arm, gpuContainer(arm)),
    ...probesOf(arm),
    ...(preStop > 0 && { lifecycle: { preStop: { sleep: { seconds: preStop } } } }),
    ...told,
    securityContext: containerSecurity,
    volumeMounts: server,
  };
}
