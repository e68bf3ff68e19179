/**
 * A model's configuration, with the fields that a server here can fill; readers pass over the others. Source: Triton's
 * model_config.proto, whose numbers these are.
 */
import { protoFile } from './proto-file.ts';
import { enumeration, map, message, oneof, repeated } from './schema.ts';

export const DataType = enumeration('inference.DataType', {
  TYPE_INVALID: 0,
  TYPE_BOOL: 1,
  TYPE_UINT8: 2,
  TYPE_UINT16: 3,
  TYPE_UINT32: 4,
  TYPE_UINT64: 5,
  TYPE_INT8: 6,
  TYPE_INT16: 7,
  TYPE_INT32: 8,
  TYPE_INT64: 9,
  TYPE_FP16: 10,
  TYPE_FP32: 11,
  TYPE_FP64: 12,
  TYPE_STRING: 13,
  TYPE_BF16: 14,
});

const Format = enumeration('inference.ModelInput.Format', {
  FORMAT_NONE: 0,
  FORMAT_NHWC: 1,
  FORMAT_NCHW: 2,
});

const ModelTensorReshape = message('inference.ModelTensorReshape', { shape: [1, repeated('int64')] });

/** `dims` leave out the batch where `max_batch_size` is not 0; -1 is a free size. */
const ModelInput = message('inference.ModelInput', {
  name: [1, 'string'],
  data_type: [2, DataType],
  format: [3, Format],
  dims: [4, repeated('int64')],
  reshape: [5, ModelTensorReshape],
  is_shape_tensor: [6, 'bool'],
  allow_ragged_batch: [7, 'bool'],
  optional: [8, 'bool'],
  is_non_linear_format_io: [9, 'bool'],
});

const ModelOutput = message('inference.ModelOutput', {
  name: [1, 'string'],
  data_type: [2, DataType],
  dims: [3, repeated('int64')],
  label_filename: [4, 'string'],
  reshape: [5, ModelTensorReshape],
  is_shape_tensor: [6, 'bool'],
  is_non_linear_format_io: [7, 'bool'],
});

const Latest = message('inference.ModelVersionPolicy.Latest', { num_versions: [1, 'uint32'] });
const All = message('inference.ModelVersionPolicy.All', {});
const Specific = message('inference.ModelVersionPolicy.Specific', { versions: [1, repeated('int64')] });

const ModelVersionPolicy = message('inference.ModelVersionPolicy', {
  policy_choice: oneof({ latest: [1, Latest], all: [2, All], specific: [3, Specific] }),
});

export const InstanceKind = enumeration('inference.ModelInstanceGroup.Kind', {
  KIND_AUTO: 0,
  KIND_GPU: 1,
  KIND_CPU: 2,
  KIND_MODEL: 3,
});

const ModelInstanceGroup = message('inference.ModelInstanceGroup', {
  name: [1, 'string'],
  count: [2, 'int32'],
  gpus: [3, repeated('int32')],
  kind: [4, InstanceKind],
  profile: [5, repeated('string')],
  passive: [7, 'bool'],
  host_policy: [9, 'string'],
});

const TimeoutAction = enumeration('inference.ModelQueuePolicy.TimeoutAction', { REJECT: 0, DELAY: 1 });

const ModelQueuePolicy = message('inference.ModelQueuePolicy', {
  timeout_action: [1, TimeoutAction],
  default_timeout_microseconds: [2, 'uint64'],
  allow_timeout_override: [3, 'bool'],
  max_queue_size: [4, 'uint32'],
});

const ModelDynamicBatching = message('inference.ModelDynamicBatching', {
  preferred_batch_size: [1, repeated('int32')],
  max_queue_delay_microseconds: [2, 'uint64'],
  preserve_ordering: [3, 'bool'],
  priority_levels: [4, 'uint64'],
  default_priority_level: [5, 'uint64'],
  default_queue_policy: [6, ModelQueuePolicy],
});

const ModelParameter = message('inference.ModelParameter', { string_value: [1, 'string'] });

const WarmupInput = message('inference.ModelWarmup.Input', {
  data_type: [1, DataType],
  dims: [2, repeated('int64')],
  input_data_type: oneof({
    zero_data: [3, 'bool'],
    random_data: [4, 'bool'],
    input_data_file: [5, 'string'],
  }),
});

const ModelWarmup = message('inference.ModelWarmup', {
  name: [1, 'string'],
  batch_size: [2, 'uint32'],
  inputs: [3, map('string', WarmupInput)],
  count: [4, 'uint32'],
});

const ModelTransactionPolicy = message('inference.ModelTransactionPolicy', { decoupled: [1, 'bool'] });

const ModelResponseCache = message('inference.ModelResponseCache', { enable: [1, 'bool'] });

export const ModelConfig = message('inference.ModelConfig', {
  name: [1, 'string'],
  platform: [2, 'string'],
  version_policy: [3, ModelVersionPolicy],
  max_batch_size: [4, 'int32'],
  input: [5, repeated(ModelInput)],
  output: [6, repeated(ModelOutput)],
  instance_group: [7, repeated(ModelInstanceGroup)],
  default_model_filename: [8, 'string'],
  cc_model_filenames: [9, map('string', 'string')],
  metric_tags: [10, map('string', 'string')],
  scheduling_choice: oneof({ dynamic_batching: [11, ModelDynamicBatching] }),
  parameters: [14, map('string', ModelParameter)],
  model_warmup: [16, repeated(ModelWarmup)],
  backend: [17, 'string'],
  model_transaction_policy: [19, ModelTransactionPolicy],
  response_cache: [24, ModelResponseCache],
  runtime: [25, 'string'],
});

export const modelConfigFile = protoFile('model_config.proto', {
  package: 'inference',
  roots: [ModelConfig],
});
