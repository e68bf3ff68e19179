/** What containers of a pod are made of alike. */
import { command, type Launch } from '#spec';
import type { GpuContainer } from '../gpu/pod.ts';
import type { PodArm } from '../release.ts';
import { pullPolicyOf } from './image-pull.ts';
import { literal } from './literal.ts';
import { coresQuantity, sizeQuantity } from './quantity.ts';
import type { Variable } from './variables.ts';

/** Why a container ended is in its status: who sees a pod that does not come up need not look for its log. */
export const told = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const;

export function imageOf(image: string): object {
  return { image, imagePullPolicy: pullPolicyOf(image) };
}

/** Nothing where the image starts by itself what is to run. */
export function commandOf({ argv }: Pick<Launch, 'argv'>): object {
  if (argv.length === 0) return {};
  const isOwn = command.every((word, at) => argv[at] === word);
  const words = argv.map(literal);
  const args = words.slice(isOwn ? command.length : 1);
  return { command: words.slice(0, words.length - args.length), ...(args.length > 0 && { args }) };
}

export function environmentOf(env: readonly Variable[]): object {
  return env.length === 0 ? {} : { env };
}

/** Keys of the Secret are variables, for those containers that ask for models. */
export function credentialsFrom({ service: { spec } }: PodArm): object {
  const { credentials } = spec.kubernetes;
  return credentials === undefined ? {} : { envFrom: [{ secretRef: { name: credentials } }] };
}

/** Memory is set aside as much as may be used: a node that has promised more than it has ends pods for it. */
export function resourcesOf({ service: { spec } }: PodArm, { limits = {}, claims }: GpuContainer): object {
  const { cpu, cpuLimit, memory: written } = spec.resources;
  const memory = sizeQuantity(written);
  return {
    requests: { cpu: coresQuantity(cpu), memory, ...limits },
    limits: { ...(cpuLimit !== undefined && { cpu: coresQuantity(cpuLimit) }), memory, ...limits },
    claims,
  };
}
