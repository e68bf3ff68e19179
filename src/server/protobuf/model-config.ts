/**
 * A model's configuration, whole: what a `config.pbtxt` may say, and what clients are told. Source: Triton's
 * model_config.proto, whose numbers these are.
 */
import { InstanceKind, ModelInstanceGroup, ModelOptimizationPolicy } from './model-config-placement.ts';
import { ModelDynamicBatching, ModelEnsembling, ModelSequenceBatching } from './model-config-scheduling.ts';
import {
  BatchInput,
  BatchOutput,
  DataType,
  ModelInput,
  ModelOutput,
  ModelWarmup,
} from './model-config-tensors.ts';
import { protoFile } from './proto-file.ts';
import { map, message, oneof, repeated } from './schema.ts';

export { DataType, InstanceKind };

const Latest = message('inference.ModelVersionPolicy.Latest', { num_versions: [1, 'uint32'] });
const All = message('inference.ModelVersionPolicy.All', {});
const Specific = message('inference.ModelVersionPolicy.Specific', { versions: [1, repeated('int64')] });

const ModelVersionPolicy = message('inference.ModelVersionPolicy', {
  policy_choice: oneof({ latest: [1, Latest], all: [2, All], specific: [3, Specific] }),
});

const ModelParameter = message('inference.ModelParameter', { string_value: [1, 'string'] });

const ModelOperations = message('inference.ModelOperations', {
  op_library_filename: [1, repeated('string')],
});

const ModelTransactionPolicy = message('inference.ModelTransactionPolicy', { decoupled: [1, 'bool'] });

const Agent = message('inference.ModelRepositoryAgents.Agent', {
  name: [1, 'string'],
  parameters: [2, map('string', 'string')],
});

const ModelRepositoryAgents = message('inference.ModelRepositoryAgents', { agents: [1, repeated(Agent)] });

const ModelResponseCache = message('inference.ModelResponseCache', { enable: [1, 'bool'] });

const MetricIdentifier = message('inference.ModelMetrics.MetricControl.MetricIdentifier', {
  family: [1, 'string'],
});

const HistogramOptions = message('inference.ModelMetrics.MetricControl.HistogramOptions', {
  buckets: [1, repeated('double')],
});

const MetricControl = message('inference.ModelMetrics.MetricControl', {
  metric_identifier: [1, MetricIdentifier],
  metric_options: oneof({ histogram_options: [2, HistogramOptions] }),
});

const ModelMetrics = message('inference.ModelMetrics', { metric_control: [1, repeated(MetricControl)] });

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
  scheduling_choice: oneof({
    dynamic_batching: [11, ModelDynamicBatching],
    sequence_batching: [13, ModelSequenceBatching],
    ensemble_scheduling: [15, ModelEnsembling],
  }),
  optimization: [12, ModelOptimizationPolicy],
  parameters: [14, map('string', ModelParameter)],
  model_warmup: [16, repeated(ModelWarmup)],
  backend: [17, 'string'],
  model_operations: [18, ModelOperations],
  model_transaction_policy: [19, ModelTransactionPolicy],
  batch_input: [20, repeated(BatchInput)],
  batch_output: [21, repeated(BatchOutput)],
  model_repository_agents: [23, ModelRepositoryAgents],
  response_cache: [24, ModelResponseCache],
  runtime: [25, 'string'],
  model_metrics: [26, ModelMetrics],
});

export const modelConfigFile = protoFile('model_config.proto', {
  package: 'inference',
  roots: [ModelConfig],
});
