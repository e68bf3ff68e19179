/** Triton's instances and accelerators as a model's settings. Source: its model_config.proto, and the ONNX Runtime backend. */
import { counts } from '#spec';
import type { ModelSettings, Provider } from '../../models/settings.ts';
import { InstanceKind } from '../../protobuf/model-config.ts';
import type { ModelInstanceGroup } from '../../protobuf/model-config-placement.ts';
import type { Decoded } from '../../protobuf/schema.ts';
import type { Ledger } from '../ledger.ts';
import { capped } from './batching.ts';
import type { Config } from './config.ts';

interface Group {
  readonly group: Decoded<typeof ModelInstanceGroup>;
  readonly path: string;
}

const { KIND_GPU, KIND_CPU, KIND_MODEL } = InstanceKind.values;

export function placement(config: Config, ledger: Ledger, usual: ModelSettings): Partial<ModelSettings> {
  const groups = config.instance_group.map((group, index) => ({ group, path: `instance_group[${index}]` }));
  const taken = takenOf(groups, ledger);
  return {
    ...instancesOf(groups, taken, ledger),
    ...shareOf(groups, taken, { ledger, usual }),
    ...providerOf(config, taken, ledger),
  };
}

/** All instances are alike here: where some are on a GPU, those are taken. */
function takenOf(groups: readonly Group[], ledger: Ledger): readonly Group[] {
  const active = groups.filter(({ group }) => !group.passive);
  const first = groups[0];
  if (first !== undefined && active.length === 0)
    ledger.refuse(first.path, 'takes no requests, and no other does');
  const onGpu = active.filter(({ group }) => group.kind === KIND_GPU);
  const taken = onGpu.length > 0 ? onGpu : active;
  for (const { group, path } of groups.filter(one => !taken.includes(one))) {
    ledger.use(path);
    if (group.passive) ledger.note(`${path}.passive`, 'instances that take no requests are not started');
    else ledger.note(`${path}.kind`, 'instances are all of one kind here, and those on the GPU are taken');
    if (ledger.has(`${path}.count`)) ledger.note(`${path}.count`, 'none of these are started');
    ledger.use(`${path}.kind`);
  }
  return taken;
}

function instancesOf(
  groups: readonly Group[],
  taken: readonly Group[],
  ledger: Ledger,
): Partial<ModelSettings> {
  if (groups.length === 0) return {};
  let instances = 0;
  for (const { group, path } of taken) {
    ledger.use(path, 'place');
    if (group.count < 0) ledger.refuse(`${path}.count`, 'must not be negative');
    instances += Math.max(1, group.count);
    kindOf(group.kind, `${path}.kind`, ledger);
    ledger.use(ledger.has(`${path}.count`) ? `${path}.count` : path, 'instances');
  }
  const path = taken.find(one => ledger.has(`${one.path}.count`))?.path ?? 'instance_group[0]';
  const most = counts.instances.most;
  return {
    place: 'threads',
    instances:
      instances <= most
        ? instances
        : capped(instances, most, { path: `${path}.count`, setting: 'instances', ledger }),
  };
}

function kindOf(kind: number, path: string, ledger: Ledger): void {
  if (!Object.values(InstanceKind.values).some(known => known === kind))
    ledger.refuse(path, 'is no kind of instance');
  if (kind === KIND_MODEL)
    ledger.note(path, 'a model of ONNX Runtime chooses no place by itself; it runs as usual');
  ledger.use(path);
}

/** An instance of priority 2 gets half the turns of one of priority 1. */
function shareOf(
  groups: readonly Group[],
  taken: readonly Group[],
  { ledger, usual }: { readonly ledger: Ledger; readonly usual: ModelSettings },
): Partial<ModelSettings> {
  const limited = taken.find(({ group }) => (group.rate_limiter?.priority ?? 0) > 0);
  for (const one of groups)
    if (one !== limited && ledger.has(`${one.path}.rate_limiter.priority`))
      ledger.note(
        `${one.path}.rate_limiter.priority`,
        'a model has one share, not one for each group of instances',
      );
  if (limited === undefined) return {};
  ledger.use(`${limited.path}.rate_limiter.priority`, 'share');
  return { share: usual.share / (limited.group.rate_limiter?.priority ?? 1) };
}

/** What each accelerator of the ONNX Runtime backend is here. */
const accelerators: Readonly<Record<'gpu' | 'cpu', Readonly<Record<string, Provider>>>> = {
  gpu: { tensorrt: 'tensorrt', cuda: 'cuda' },
  cpu: { openvino: 'openvino' },
};

/** The first accelerator for the GPU, CUDA, the first for the CPU, or the CPU itself: in this order, as instances allow. */
function providerOf(config: Config, taken: readonly Group[], ledger: Ledger): Partial<ModelSettings> {
  const isGpu = taken.some(({ group }) => group.kind === KIND_GPU);
  const isCpu = taken.length > 0 && taken.every(({ group }) => group.kind === KIND_CPU);
  const gpu = acceleratorOf(config, 'gpu', { wanted: !isCpu, ledger });
  const cpu = acceleratorOf(config, 'cpu', { wanted: !isGpu && gpu === undefined, ledger });
  const provider = gpu ?? cpu;
  if (!isCpu) noteMixed(taken, ledger);
  if (provider !== undefined) return { provider };
  if (!isGpu && !isCpu) return {};
  for (const { path } of taken) ledger.use(`${path}.kind`, 'provider');
  return { provider: isGpu ? 'cuda' : 'cpu' };
}

function noteMixed(taken: readonly Group[], ledger: Ledger): void {
  const onCpu = taken.filter(({ group }) => group.kind === KIND_CPU);
  for (const { path } of onCpu)
    ledger.note(`${path}.kind`, 'instances are all of one kind here, and others need not be on the CPU');
}

function acceleratorOf(
  { optimization }: Config,
  device: 'gpu' | 'cpu',
  { wanted, ledger }: { readonly wanted: boolean; readonly ledger: Ledger },
): Provider | undefined {
  const lists = optimization?.execution_accelerators;
  const list = (device === 'gpu' ? lists?.gpu_execution_accelerator : lists?.cpu_execution_accelerator) ?? [];
  let chosen: Provider | undefined;
  for (const [index, { name }] of list.entries()) {
    const path = `optimization.execution_accelerators.${device}_execution_accelerator[${index}]`;
    const provider = Object.hasOwn(accelerators[device], name) ? accelerators[device][name] : undefined;
    ledger.use(path);
    if (provider === undefined)
      ledger.refuse(`${path}.name`, `is no accelerator of ONNX Runtime for a ${device.toUpperCase()} here`);
    else if (!wanted) ledger.note(`${path}.name`, 'instances are on the other device');
    else if (chosen !== undefined)
      ledger.note(`${path}.name`, 'one accelerator is used, with the CPU behind it');
    else {
      chosen = provider;
      ledger.use(`${path}.name`, 'provider');
    }
  }
  return chosen;
}
