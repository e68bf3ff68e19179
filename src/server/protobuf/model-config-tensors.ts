/** What a model's configuration says of tensors: inputs, outputs, what batches add, and what warms it up. Source: as `model-config.ts` has it. */
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
export const ModelInput = message('inference.ModelInput', {
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

export const ModelOutput = message('inference.ModelOutput', {
  name: [1, 'string'],
  data_type: [2, DataType],
  dims: [3, repeated('int64')],
  label_filename: [4, 'string'],
  reshape: [5, ModelTensorReshape],
  is_shape_tensor: [6, 'bool'],
  is_non_linear_format_io: [7, 'bool'],
});

const BatchInputKind = enumeration('inference.BatchInput.Kind', {
  BATCH_ELEMENT_COUNT: 0,
  BATCH_ACCUMULATED_ELEMENT_COUNT: 1,
  BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO: 2,
  BATCH_MAX_ELEMENT_COUNT_AS_SHAPE: 3,
  BATCH_ITEM_SHAPE: 4,
  BATCH_ITEM_SHAPE_FLATTEN: 5,
});

/** An input that the server makes of all requests of a batch. */
export const BatchInput = message('inference.BatchInput', {
  kind: [1, BatchInputKind],
  target_name: [2, repeated('string')],
  data_type: [3, DataType],
  source_input: [4, repeated('string')],
});

const BatchOutputKind = enumeration('inference.BatchOutput.Kind', { BATCH_SCATTER_WITH_INPUT_SHAPE: 0 });

/** An output that the server deals out to the requests of a batch in a way of its own. */
export const BatchOutput = message('inference.BatchOutput', {
  target_name: [1, repeated('string')],
  kind: [2, BatchOutputKind],
  source_input: [3, repeated('string')],
});

/** `dims` leave out the batch; that a kind of data is named at all counts, not whether it says true. */
const WarmupInput = message('inference.ModelWarmup.Input', {
  data_type: [1, DataType],
  dims: [2, repeated('int64')],
  input_data_type: oneof({
    zero_data: [3, 'bool'],
    random_data: [4, 'bool'],
    input_data_file: [5, 'string'],
  }),
});

export const ModelWarmup = message('inference.ModelWarmup', {
  name: [1, 'string'],
  batch_size: [2, 'uint32'],
  inputs: [3, map('string', WarmupInput)],
  count: [4, 'uint32'],
});
