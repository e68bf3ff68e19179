/**
 * The configuration file of a TensorFlow Serving server (`models.config`). Sources: its model_server_config.proto,
 * logging_config.proto, log_collector_config.proto and file_system_storage_path_source.proto, whose numbers these are.
 */
import { Any } from './google.ts';
import { enumeration, map, message, oneof, repeated } from './schema.ts';

/** Deprecated; `model_platform` says the same. */
const ModelType = enumeration('tensorflow.serving.ModelType', {
  MODEL_TYPE_UNSPECIFIED: 0,
  TENSORFLOW: 1,
  OTHER: 2,
});

const POLICY = 'tensorflow.serving.FileSystemStoragePathSourceConfig.ServableVersionPolicy';

const Latest = message(`${POLICY}.Latest`, { num_versions: [1, 'uint32'] });
const All = message(`${POLICY}.All`, {});
const Specific = message(`${POLICY}.Specific`, { versions: [1, repeated('int64')] });

const ServableVersionPolicy = message(POLICY, {
  policy_choice: oneof({ latest: [100, Latest], all: [101, All], specific: [102, Specific] }),
});

const LogCollectorConfig = message('tensorflow.serving.LogCollectorConfig', {
  type: [1, 'string'],
  filename_prefix: [2, 'string'],
});

const SamplingConfig = message('tensorflow.serving.SamplingConfig', {
  sampling_rate: [1, 'double'],
  attributes: [2, 'int32'],
});

const LoggingConfig = message('tensorflow.serving.LoggingConfig', {
  log_collector_config: [1, LogCollectorConfig],
  sampling_config: [2, SamplingConfig],
});

const ModelConfig = message('tensorflow.serving.ModelConfig', {
  name: [1, 'string'],
  /** The folder of its version folders. */
  base_path: [2, 'string'],
  model_type: [3, ModelType],
  model_platform: [4, 'string'],
  logging_config: [6, LoggingConfig],
  model_version_policy: [7, ServableVersionPolicy],
  /** Names for versions, such as `stable`. */
  version_labels: [8, map('string', 'int64')],
});

const ModelConfigList = message('tensorflow.serving.ModelConfigList', { config: [1, repeated(ModelConfig)] });

export const ModelServerConfig = message('tensorflow.serving.ModelServerConfig', {
  config: oneof({ model_config_list: [1, ModelConfigList], custom_model_config: [2, Any] }),
});
