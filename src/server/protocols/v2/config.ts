/** The model configuration extension: Triton's ModelConfig, with the fields that say something of a server here. */
import { type Place, type Provider, type RunFacts, usualSettings } from '../../models/settings.ts';
import type { ServedModel } from '../../models/signature.ts';
import type { Datatype, TensorSpec } from '../../tensors/tensor.ts';

interface TensorConfig {
  readonly name: string;
  readonly data_type: `TYPE_${Exclude<Datatype, 'BYTES'>}` | 'TYPE_STRING';
  /** Without the batch, where `max_batch_size` is not 0; -1 is a free size. */
  readonly dims: readonly number[];
}

interface InputConfig extends TensorConfig {
  readonly format: 'FORMAT_NONE';
  readonly is_shape_tensor: boolean;
  readonly allow_ragged_batch: boolean;
  readonly optional: boolean;
}

interface OutputConfig extends TensorConfig {
  readonly label_filename: string;
  readonly is_shape_tensor: boolean;
}

/** In the words and the form of protobuf's JSON. */
export interface ModelConfig {
  readonly name: string;
  readonly platform: string;
  readonly backend: string;
  readonly version_policy: { readonly latest: { readonly num_versions: number } };
  /** 0 when rows are not to share a run. */
  readonly max_batch_size: number;
  readonly input: readonly InputConfig[];
  readonly output: readonly OutputConfig[];
  readonly instance_group: readonly {
    readonly name: string;
    readonly kind: 'KIND_CPU' | 'KIND_GPU';
    /** Runs that may be under way at once: worker threads, or 1 on the event loop. */
    readonly count: number;
  }[];
  readonly default_model_filename: string;
  readonly dynamic_batching?: {
    readonly preferred_batch_size: readonly number[];
    readonly max_queue_delay_microseconds: number;
  };
  readonly parameters: Readonly<Record<string, { readonly string_value: string }>>;
}

export function modelConfig(model: ServedModel): ModelConfig {
  const { name, platform, signature, running = unknownRunning } = model;
  const { maxRows, maxDelayMs, provider } = running.settings;
  const batched = signature.batched && maxRows > 1;
  return {
    name,
    platform,
    backend: platform.replace(/_.*$/s, ''),
    version_policy: { latest: { num_versions: 1 } },
    max_batch_size: batched ? maxRows : 0,
    input: signature.inputs.map(spec => ({ ...tensorConfig(spec, batched), ...plainInput })),
    output: signature.outputs.map(spec => ({
      ...tensorConfig(spec, batched),
      label_filename: spec.labels === undefined ? '' : 'labels.txt',
      is_shape_tensor: false,
    })),
    instance_group: [{ name, kind: kindOf(provider), count: running.width }],
    default_model_filename: '',
    ...(batched && {
      dynamic_batching: {
        preferred_batch_size: [],
        max_queue_delay_microseconds: Math.round(maxDelayMs * 1000),
      },
    }),
    parameters: parametersOf(running),
  };
}

const unknownRunning: RunFacts = { settings: usualSettings, place: 'inline', because: '', width: 1 };

function kindOf(provider: Provider): 'KIND_CPU' | 'KIND_GPU' {
  return provider === 'cuda' || provider === 'tensorrt' ? 'KIND_GPU' : 'KIND_CPU';
}

const PLACES: Readonly<Record<Place, string>> = {
  inline: 'event loop',
  threads: 'worker threads',
  processes: 'worker processes',
};

/** What Triton's ModelConfig has no field for. */
function parametersOf({ settings, place, because }: RunFacts): ModelConfig['parameters'] {
  const { threads, provider } = settings;
  const values = {
    intra_op_thread_count: String(threads),
    execution_provider: provider,
    execution_place: PLACES[place],
    execution_place_reason: because,
  };
  return Object.fromEntries(Object.entries(values).map(([name, string_value]) => [name, { string_value }]));
}

const plainInput = {
  format: 'FORMAT_NONE',
  is_shape_tensor: false,
  allow_ragged_batch: false,
  optional: false,
} as const;

function tensorConfig({ name, datatype, shape }: TensorSpec, batched: boolean): TensorConfig {
  const data_type = datatype === 'BYTES' ? 'TYPE_STRING' : (`TYPE_${datatype}` as const);
  return { name, data_type, dims: batched ? shape.slice(1) : shape };
}
