/** Whether what runs a model and what a pod has agree: a card that nothing uses is paid for, and a model without its card fails to load. */
import { foreignKind, formatOf, type ModelEntry, type ModelSource, type Served } from '#spec';
import type { Refused } from '../refused.ts';
import type { PodArm } from '../release.ts';

const ON_CARD = ['cuda', 'tensorrt'];

/** A GPU where each model is sure to run on the CPU. */
export function needlessCard(arm: PodArm): Refused[] {
  const { resources, runtime } = arm.service.spec;
  const { told } = arm.deployed.revision;
  // What a repository holds may say for itself where it runs, and so may a server of others.
  if (resources.gpu === undefined || foreignKind(runtime) !== undefined || told.kind === 'repository')
    return [];
  const reasons = told.entries.map(entry => onProcessor(arm, entry));
  const [reason] = reasons;
  if (reason === undefined || reasons.includes(undefined)) return [];
  return [{ path: 'spec.resources.gpu', problem: `would stand idle: ${reason}` }];
}

/** Why a model uses no card; undefined where it may. */
function onProcessor(arm: PodArm, entry: ModelEntry): string | undefined {
  const format = formatFor(arm, entry);
  if (format === 'onnx') return withoutProvider(arm, entry);
  return format === 'torch' || format === 'safetensors' ? withoutDevice(arm, entry) : undefined;
}

/** Where it was looked at, as it was found; otherwise what its address tells. */
function formatFor({ deployed }: PodArm, { name, uri }: ModelEntry): string | undefined {
  const placed = deployed.revision.models.find(model => model.name === name);
  return placed === undefined ? formatOf(uri) : (placed.artifact.loader ?? 'onnx');
}

function withoutProvider({ service }: PodArm, { runtime }: ModelEntry): string | undefined {
  const provider = runtime?.onnx?.provider ?? service.spec.runtime.onnx.provider;
  if (ON_CARD.includes(provider)) return undefined;
  return `ONNX Runtime computes by ${provider}; set runtime.onnx.provider to cuda or tensorrt`;
}

/** A class of the author's decides for itself. */
function withoutDevice({ service }: PodArm, { runtime }: ModelEntry): string | undefined {
  const { device = 'cpu', class: own } = { ...service.spec.runtime.python, ...runtime?.python };
  if (own !== undefined || device !== 'cpu') return undefined;
  return 'PyTorch computes on cpu; set runtime.python.device to cuda';
}

/** What needs a card where the pod has none, and would find one only by going round the scheduler. */
export function noCard(arm: PodArm): Refused[] {
  const { spec } = arm.service;
  if (spec.resources.gpu !== undefined || foreignKind(spec.runtime) !== undefined) return [];
  const problem = 'finds no card in a pod that asks for none: say resources.gpu';
  return runtimesOf(arm).flatMap(({ path, onnx, python }) => [
    ...(ON_CARD.includes(onnx?.provider ?? '') ? [{ path: `${path}.onnx.provider`, problem }] : []),
    ...(python?.device?.startsWith('cuda') ? [{ path: `${path}.python.device`, problem }] : []),
  ]);
}

type Runtime = NonNullable<ModelSource['runtime']>;

/** Each that the file says of what this arm serves. */
function runtimesOf({ service: { spec }, role }: PodArm): (Runtime & { readonly path: string })[] {
  const trial = role === 'candidate' ? spec.candidate : undefined;
  const { model, models = [] }: Served = trial ?? spec;
  const at = trial === undefined ? 'spec' : 'spec.candidate';
  return [
    { path: 'spec.runtime', ...spec.runtime },
    { path: `${at}.model.runtime`, ...model?.runtime },
    ...models.map(({ runtime }, index) => ({ path: `${at}.models[${index}].runtime`, ...runtime })),
  ];
}
