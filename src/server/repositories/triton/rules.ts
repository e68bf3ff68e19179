/** What is said of fields that change nothing here. Sources: Triton's model_config.proto, and its ONNX Runtime backend. */

import type { Rules } from '../ledger.ts';

const NO_TENSORRT = 'only models of TensorRT have it';

export const tritonRules: Rules = {
  platform: { why: 'says nothing that is not known' },
  runtime: { why: 'the library is the ONNX Runtime that is installed here' },
  cc_model_filenames: {
    why: 'the file is not chosen by the kind of GPU; it is default_model_filename everywhere',
  },
  metric_tags: { why: 'metrics have the labels of this server only' },
  model_metrics: { why: 'histograms have the buckets of this server' },
  response_cache: { why: 'answers are not cached' },
  model_repository_agents: { why: 'no agents are run, so nothing is checked or fetched by them' },
  model_transaction_policy: { refused: true, why: 'a model here gives one answer to each request' },
  model_operations: { refused: true, why: 'libraries of custom operators are not loaded' },
  batch_input: { refused: true, why: 'no inputs are made of a batch here; Triton serves such a model' },
  batch_output: {
    refused: true,
    why: 'outputs are not scattered over a batch here; Triton serves such a model',
  },
  sequence_batching: {
    refused: true,
    why: 'sequences of requests are not kept together here; Triton serves such a model',
  },
  ensemble_scheduling: {
    refused: true,
    why: 'ensembles are not served here, though the models they are made of may be; Triton serves them',
  },

  'input.format': { why: "says nothing of the model's own tensors" },
  'input.reshape': { why: 'nothing is reshaped: requests have the shape that the model itself has' },
  'input.is_shape_tensor': { why: NO_TENSORRT },
  'input.is_non_linear_format_io': { why: NO_TENSORRT },
  'input.allow_ragged_batch': { why: 'requests whose shapes differ do not share a run' },
  'input.optional': { why: 'requests must have every input' },
  'output.reshape': { why: 'nothing is reshaped: answers have the shape that the model itself gives' },
  'output.is_shape_tensor': { why: NO_TENSORRT },
  'output.is_non_linear_format_io': { why: NO_TENSORRT },

  'dynamic_batching.preferred_batch_size': {
    why: 'no size is preferred: a run takes what waits, up to the limit that latency allows',
  },
  'dynamic_batching.preserve_ordering': { why: 'answers are sent as they are ready' },
  'dynamic_batching.priority_queue_policy': {
    why: 'a model has one queue policy here, that of the priority which requests have that say none',
  },
  'dynamic_batching.default_queue_policy': {
    why: 'a model has one queue policy here, and its usual priority has one of its own',
  },
  'dynamic_batching.default_queue_policy.timeout_action': {
    why: 'a request that cannot be answered in time is refused, not put back',
  },
  'dynamic_batching.priority_queue_policy.timeout_action': {
    why: 'a request that cannot be answered in time is refused, not put back',
  },
  'dynamic_batching.default_queue_policy.allow_timeout_override': {
    always: true,
    why: 'a request may always ask for less time, and never for more',
  },
  'dynamic_batching.priority_queue_policy.allow_timeout_override': {
    always: true,
    why: 'a request may always ask for less time, and never for more',
  },

  'instance_group.name': { why: 'instances have no names' },
  'instance_group.gpus': { why: 'which GPU runs an instance is not chosen here' },
  'instance_group.profile': { why: NO_TENSORRT },
  'instance_group.host_policy': { why: 'instances are not bound to cores or memory' },
  'instance_group.secondary_devices': { why: NO_TENSORRT },
  'instance_group.rate_limiter.resources': { why: 'runs wait for cores only, not for resources with names' },

  'optimization.graph': { why: 'ONNX Runtime optimises graphs as it does by itself' },
  'optimization.priority': { why: NO_TENSORRT },
  'optimization.cuda': { why: NO_TENSORRT },
  'optimization.execution_accelerators': {
    why: 'accelerators run with the options that they have by themselves',
  },
  'optimization.input_pinned_memory': { always: true, why: 'how memory is copied is not chosen here' },
  'optimization.output_pinned_memory': { always: true, why: 'how memory is copied is not chosen here' },
  'optimization.gather_kernel_buffer_threshold': { why: NO_TENSORRT },
  'optimization.eager_batching': { why: NO_TENSORRT },

  parameters: { why: 'is not a parameter of this server' },
};
