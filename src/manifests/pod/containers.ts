/** The containers of a pod: the server, and before it those that bring its models. */
import { command, type Launch, type Pull, stableJson } from '#spec';
import { gpuContainer } from '../gpu/pod.ts';
import type { PodArm, Release } from '../release.ts';
import type { Ending } from './ending.ts';
import { pullPolicyOf } from './image-pull.ts';
import { literal } from './literal.ts';
import { portsOf } from './ports.ts';
import { probesOf } from './probes.ts';
import { coresQuantity, sizeQuantity } from './quantity.ts';
import { containerSecurity } from './security.ts';
import { numbered, type Storage } from './storage.ts';
import { cacheVariables, credentialsOf, pullsItself, type Variable, variablesOf } from './variables.ts';

export const SERVER = 'server';

export function serverContainer(arm: PodArm, { preStop }: Ending, { server }: Storage): object {
  const { launch, deployed } = arm;
  const asks = pullsItself(arm);
  // What was pulled before it started is what it serves: it needs no credentials, and no source that answers.
  const cached = deployed.isPulled ? { ...cacheVariables(arm), ...(!asks && { FAIRLEAD_OFFLINE: '1' }) } : {};
  return {
    name: SERVER,
    ...imageOf(arm.image),
    ...commandOf(launch),
    workingDir: launch.folder,
    ...environmentOf(variablesOf(arm, launch.env, cached)),
    ...(asks && envFrom(arm)),
    ports: portsOf(arm),
    resources: resourcesOf(arm, gpuContainer(arm)),
    ...probesOf(arm),
    ...(preStop > 0 && { lifecycle: { preStop: { sleep: { seconds: preStop } } } }),
    securityContext: containerSecurity,
    volumeMounts: server,
  };
}

/** In the order in which they run. */
export function initContainers(release: Release, arm: PodArm, { init }: Storage): object[] {
  const { launch, deployed } = arm;
  const rest = { resources: resourcesOf(arm, {}), securityContext: containerSecurity, volumeMounts: init };
  if (launch.init !== undefined) {
    const env = variablesOf(arm, launch.init.env, cacheVariables(arm));
    return [{ ...pulling(arm, { image: arm.image, at: 0, argv: launch.init.argv, env }), ...rest }];
  }
  const { policy } = deployed.revision;
  const told = policy === undefined ? {} : { FAIRLEAD_MODEL_POLICY: stableJson(policy) };
  const env = variablesOf(arm, told, cacheVariables(arm));
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
    ...commandOf({ argv }),
    ...environmentOf(env),
    ...envFrom(arm),
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

function imageOf(image: string): object {
  return { image, imagePullPolicy: pullPolicyOf(image) };
}

/** Nothing where the image starts by itself what is to run. */
function commandOf({ argv }: Pick<Launch, 'argv'>): object {
  if (argv.length === 0) return {};
  const isOwn = command.every((word, at) => argv[at] === word);
  const words = argv.map(literal);
  const args = words.slice(isOwn ? command.length : 1);
  return { command: words.slice(0, words.length - args.length), ...(args.length > 0 && { args }) };
}

function environmentOf(env: readonly Variable[]): object {
  return env.length === 0 ? {} : { env };
}

function envFrom(arm: PodArm): object {
  const secrets = credentialsOf(arm);
  return secrets.length === 0 ? {} : { envFrom: secrets };
}

/** Memory is set aside as much as may be used: a node that has promised more than it has ends pods for it. */
function resourcesOf(
  { service: { spec } }: PodArm,
  { limits = {}, claims }: ReturnType<typeof gpuContainer>,
): object {
  const { cpu, cpuLimit, memory: written } = spec.resources;
  const memory = sizeQuantity(written);
  return {
    requests: { cpu: coresQuantity(cpu), memory, ...limits },
    limits: { ...(cpuLimit !== undefined && { cpu: coresQuantity(cpuLimit) }), memory, ...limits },
    claims,
  };
}
