/** What `inference.GRPCInferenceService` tells of models, and how it loads and unloads them. */
import { failure } from '#base';
import type { Repository, ServedStatistics } from '../../models/repository.ts';
import type { ServedModel } from '../../models/signature.ts';
import { invalid } from '../../models/signature.ts';
import { DataType, InstanceKind } from '../../protobuf/model-config.ts';
import { GRPCInferenceService } from '../../protobuf/oip.ts';
import type { DurationSnapshot } from '../../statistics/duration.ts';
import type { BatchSnapshot } from '../../statistics/model-statistics.ts';
import { shown } from '../../tensors/shown.ts';
import type { Target } from '../port.ts';
import type { RpcAnswer } from '../rpc.ts';
import { answering } from '../rpc-answer.ts';
import { modelConfig } from './config.ts';

const { methods } = GRPCInferenceService;

/** No version means the latest, or all of them. */
export function targetOf({ name, version }: { readonly name: string; readonly version: string }) {
  return (version === '' ? { name } : { name, version }) satisfies Target;
}

export function controlMethods(repository: Repository): Readonly<Record<string, RpcAnswer>> {
  return {
    ModelConfig: answering(methods.ModelConfig, (request, models) => ({
      config: configMessage(models.find(targetOf(request))),
    })),
    ModelStatistics: answering(methods.ModelStatistics, request => ({
      model_stats: repository.statistics(request.name === '' ? undefined : targetOf(request)).map(statistics),
    })),
    RepositoryIndex: answering(methods.RepositoryIndex, ({ ready }) => ({
      models: repository.index().filter(({ state }) => !ready || state === 'READY'),
    })),
    RepositoryModelLoad: answering(methods.RepositoryModelLoad, async ({ model_name, parameters }) => {
      allow(repository, parameters, []);
      await repository.load(model_name);
      return {};
    }),
    RepositoryModelUnload: answering(methods.RepositoryModelUnload, async ({ model_name, parameters }) => {
      // No model depends on another.
      allow(repository, parameters, ['unload_dependents']);
      await repository.unload(model_name);
      return {};
    }),
  };
}

/** Methods of the protocol that are not there: what they would need is not. */
export const missingMethods: Readonly<Record<string, RpcAnswer>> = Object.fromEntries(
  Object.keys(methods)
    .filter(method => /SharedMemory|TraceSetting|LogSettings/.test(method))
    .map(method => [method, missing(method)]),
);

function missing(method: string): RpcAnswer {
  return {
    kind: 'answer',
    reply: () => {
      throw failure('feature_missing', { feature: method });
    },
  };
}

function allow(
  { controlled }: Repository,
  parameters: ReadonlyMap<string, unknown>,
  known: readonly string[],
): void {
  if (!controlled) throw failure('control_forbidden', {});
  const unknown = [...parameters.keys()].find(name => !known.includes(name));
  if (unknown !== undefined)
    throw invalid(`the parameter '${shown(unknown)}' is not supported`, ['parameters', unknown]);
}

function statistics(one: ServedStatistics) {
  return {
    name: one.name,
    version: one.version,
    last_inference: BigInt(one.lastInference),
    inference_count: BigInt(one.inferenceCount),
    execution_count: BigInt(one.executionCount),
    inference_stats: {
      success: duration(one.success),
      fail: duration(one.fail),
      queue: duration(one.queue),
      ...compute(one),
      cache_hit: {},
      cache_miss: {},
    },
    batch_stats: one.batches.map(batch => ({ batch_size: BigInt(batch.batchSize), ...compute(batch) })),
  };
}

function compute(times: Omit<BatchSnapshot, 'batchSize'>) {
  return {
    compute_input: duration(times.computeInput),
    compute_infer: duration(times.computeInfer),
    compute_output: duration(times.computeOutput),
  };
}

function duration({ count, ns }: DurationSnapshot) {
  return { count: BigInt(count), ns };
}

/** The configuration as REST tells it, in protobuf's types. */
function configMessage(model: ServedModel) {
  const { version_policy, input, output, instance_group, dynamic_batching, parameters, ...plain } =
    modelConfig(model);
  return {
    ...plain,
    version_policy: { policy_choice: { case: 'latest', value: version_policy.latest } as const },
    // FORMAT_NONE is what a reader takes it for when it is not there.
    input: input.map(one => ({ ...one, ...tensor(one), format: undefined })),
    output: output.map(one => ({ ...one, ...tensor(one) })),
    instance_group: instance_group.map(group => ({ ...group, kind: InstanceKind.values[group.kind] })),
    parameters: new Map(Object.entries(parameters)),
    ...(dynamic_batching !== undefined && {
      scheduling_choice: {
        case: 'dynamic_batching',
        value: {
          preferred_batch_size: dynamic_batching.preferred_batch_size,
          max_queue_delay_microseconds: BigInt(dynamic_batching.max_queue_delay_microseconds),
        },
      } as const,
    }),
  };
}

function tensor({
  data_type,
  dims,
}: {
  readonly data_type: keyof typeof DataType.values;
  readonly dims: readonly number[];
}) {
  return { data_type: DataType.values[data_type], dims: dims.map(BigInt) };
}
