/** What a model's configuration says of queues and batches. Source: as `model-config.ts` has it. */
import { DataType } from './model-config-tensors.ts';
import { enumeration, map, message, oneof, repeated } from './schema.ts';

const TimeoutAction = enumeration('inference.ModelQueuePolicy.TimeoutAction', { REJECT: 0, DELAY: 1 });

export const ModelQueuePolicy = message('inference.ModelQueuePolicy', {
  timeout_action: [1, TimeoutAction],
  /** 0 is none. */
  default_timeout_microseconds: [2, 'uint64'],
  allow_timeout_override: [3, 'bool'],
  /** Requests; 0 is no bound. */
  max_queue_size: [4, 'uint32'],
});

export const ModelDynamicBatching = message('inference.ModelDynamicBatching', {
  preferred_batch_size: [1, repeated('int32')],
  max_queue_delay_microseconds: [2, 'uint64'],
  preserve_ordering: [3, 'bool'],
  priority_levels: [4, 'uint64'],
  default_priority_level: [5, 'uint64'],
  default_queue_policy: [6, ModelQueuePolicy],
  priority_queue_policy: [7, map('uint64', ModelQueuePolicy)],
});

const ControlKind = enumeration('inference.ModelSequenceBatching.Control.Kind', {
  CONTROL_SEQUENCE_START: 0,
  CONTROL_SEQUENCE_READY: 1,
  CONTROL_SEQUENCE_END: 2,
  CONTROL_SEQUENCE_CORRID: 3,
});

const Control = message('inference.ModelSequenceBatching.Control', {
  kind: [1, ControlKind],
  int32_false_true: [2, repeated('int32')],
  fp32_false_true: [3, repeated('float')],
  data_type: [4, DataType],
  bool_false_true: [5, repeated('bool')],
});

const ControlInput = message('inference.ModelSequenceBatching.ControlInput', {
  name: [1, 'string'],
  control: [2, repeated(Control)],
});

const InitialState = message('inference.ModelSequenceBatching.InitialState', {
  data_type: [1, DataType],
  dims: [2, repeated('int64')],
  state_data: oneof({ zero_data: [3, 'bool'], data_file: [4, 'string'] }),
  name: [5, 'string'],
});

const State = message('inference.ModelSequenceBatching.State', {
  input_name: [1, 'string'],
  output_name: [2, 'string'],
  data_type: [3, DataType],
  dims: [4, repeated('int64')],
  initial_state: [5, repeated(InitialState)],
  use_same_buffer_for_input_output: [6, 'bool'],
  use_growable_memory: [7, 'bool'],
});

const StrategyDirect = message('inference.ModelSequenceBatching.StrategyDirect', {
  max_queue_delay_microseconds: [1, 'uint64'],
  minimum_slot_utilization: [2, 'float'],
});

const StrategyOldest = message('inference.ModelSequenceBatching.StrategyOldest', {
  max_candidate_sequences: [1, 'int32'],
  preferred_batch_size: [2, repeated('int32')],
  max_queue_delay_microseconds: [3, 'uint64'],
  preserve_ordering: [4, 'bool'],
});

export const ModelSequenceBatching = message('inference.ModelSequenceBatching', {
  max_sequence_idle_microseconds: [1, 'uint64'],
  control_input: [2, repeated(ControlInput)],
  strategy_choice: oneof({ direct: [3, StrategyDirect], oldest: [4, StrategyOldest] }),
  state: [5, repeated(State)],
  iterative_sequence: [6, 'bool'],
});

const Step = message('inference.ModelEnsembling.Step', {
  model_name: [1, 'string'],
  model_version: [2, 'int64'],
  input_map: [3, map('string', 'string')],
  output_map: [4, map('string', 'string')],
  model_namespace: [5, 'string'],
});

export const ModelEnsembling = message('inference.ModelEnsembling', {
  step: [1, repeated(Step)],
  max_inflight_responses: [2, 'uint32'],
});
