/** What a model's configuration says of where and how it runs. Source: as `model-config.ts` has it. */
import { enumeration, map, message, repeated } from './schema.ts';

const Resource = message('inference.ModelRateLimiter.Resource', {
  name: [1, 'string'],
  global: [2, 'bool'],
  count: [3, 'uint32'],
});

const ModelRateLimiter = message('inference.ModelRateLimiter', {
  resources: [1, repeated(Resource)],
  /** With 2 an instance gets half the turns that it gets with 1; 0 is 1. */
  priority: [2, 'uint32'],
});

export const InstanceKind = enumeration('inference.ModelInstanceGroup.Kind', {
  KIND_AUTO: 0,
  KIND_GPU: 1,
  KIND_CPU: 2,
  KIND_MODEL: 3,
});

const SecondaryDeviceKind = enumeration('inference.ModelInstanceGroup.SecondaryDevice.SecondaryDeviceKind', {
  KIND_NVDLA: 0,
});

const SecondaryDevice = message('inference.ModelInstanceGroup.SecondaryDevice', {
  kind: [1, SecondaryDeviceKind],
  device_id: [2, 'int64'],
});

export const ModelInstanceGroup = message('inference.ModelInstanceGroup', {
  name: [1, 'string'],
  count: [2, 'int32'],
  gpus: [3, repeated('int32')],
  kind: [4, InstanceKind],
  profile: [5, repeated('string')],
  rate_limiter: [6, ModelRateLimiter],
  passive: [7, 'bool'],
  secondary_devices: [8, repeated(SecondaryDevice)],
  host_policy: [9, 'string'],
});

const Graph = message('inference.ModelOptimizationPolicy.Graph', { level: [1, 'int32'] });

const ModelPriority = enumeration('inference.ModelOptimizationPolicy.ModelPriority', {
  PRIORITY_DEFAULT: 0,
  PRIORITY_MAX: 1,
  PRIORITY_MIN: 2,
});

const Shape = message('inference.ModelOptimizationPolicy.Cuda.GraphSpec.Shape', {
  dim: [1, repeated('int64')],
});

const LowerBound = message('inference.ModelOptimizationPolicy.Cuda.GraphSpec.LowerBound', {
  batch_size: [1, 'int32'],
  input: [2, map('string', Shape)],
});

const GraphSpec = message('inference.ModelOptimizationPolicy.Cuda.GraphSpec', {
  batch_size: [1, 'int32'],
  input: [2, map('string', Shape)],
  graph_lower_bound: [3, LowerBound],
});

const Cuda = message('inference.ModelOptimizationPolicy.Cuda', {
  graphs: [1, 'bool'],
  busy_wait_events: [2, 'bool'],
  graph_spec: [3, repeated(GraphSpec)],
  output_copy_stream: [4, 'bool'],
});

const Accelerator = message('inference.ModelOptimizationPolicy.ExecutionAccelerators.Accelerator', {
  name: [1, 'string'],
  parameters: [2, map('string', 'string')],
});

const ExecutionAccelerators = message('inference.ModelOptimizationPolicy.ExecutionAccelerators', {
  gpu_execution_accelerator: [1, repeated(Accelerator)],
  cpu_execution_accelerator: [2, repeated(Accelerator)],
});

const PinnedMemoryBuffer = message('inference.ModelOptimizationPolicy.PinnedMemoryBuffer', {
  enable: [1, 'bool'],
});

export const ModelOptimizationPolicy = message('inference.ModelOptimizationPolicy', {
  graph: [1, Graph],
  priority: [2, ModelPriority],
  cuda: [3, Cuda],
  execution_accelerators: [4, ExecutionAccelerators],
  input_pinned_memory: [5, PinnedMemoryBuffer],
  output_pinned_memory: [6, PinnedMemoryBuffer],
  gather_kernel_buffer_threshold: [7, 'uint32'],
  eager_batching: [8, 'bool'],
});
