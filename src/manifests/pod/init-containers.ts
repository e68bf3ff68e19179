/** What runs before the server and ends: it brings models where the server looks for them. */
import { command, type Pull } from '#spec';
import type { PodArm, Release } from '../release.ts';
import { commandOf, credentialsFrom, environmentOf, imageOf, resourcesOf, told } from './container-parts.ts';
import { containerSecurity } from './security.ts';
import { numbered, type Storage } from './storage.ts';
import { cacheVariables, pullingEnvironment, type Variable, variablesOf } from './variables.ts';

/** In the order in which they run. */
export function initContainers(release: Release, arm: PodArm, { init }: Storage): object[] {
  const { launch, deployed } = arm;
  const rest = { resources: resourcesOf(arm, {}), securityContext: containerSecurity, volumeMounts: init };
  if (launch.init !== undefined) {
    const env = variablesOf(arm, launch.init.env, cacheVariables(arm));
    return [{ ...pulling(arm, { image: arm.image, at: 0, argv: launch.init.argv, env }), ...rest }];
  }
  const env = variablesOf(arm, pullingEnvironment(arm), cacheVariables(arm));
  return deployed.pulls.map((pull, at) => ({
    ...pulling(arm, { image: release.fairlead, at, argv: pullOf(pull), env }),
    ...rest,
  }));
}

interface Pulling {
  readonly image: string;
  readonly at: number;
  readonly argv: readonly string[];
  readonly env: readonly Variable[];
}

function pulling(arm: PodArm, { image, at, argv, env }: Pulling): object {
  return {
    name: numbered('pull', at),
    ...imageOf(image),
    // Who has no end would hold up a pod for ever, and say nothing; the next try goes on from what has arrived.
    ...commandOf({ argv: [...argv, `--timeout=${arm.service.spec.kubernetes.startup}`] }),
    ...environmentOf(env),
    ...credentialsFrom(arm),
    ...told,
  };
}

function pullOf({ uri, to, digest, include = [], exclude = [] }: Pull): string[] {
  return [
    ...command,
    'store',
    'pull',
    uri,
    `--to=${to}`,
    ...(digest === undefined ? [] : [`--digest=${digest}`]),
    ...include.map(pattern => `--include=${pattern}`),
    ...exclude.map(pattern => `--exclude=${pattern}`),
  ];
}
