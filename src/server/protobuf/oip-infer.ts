/** Messages of one inference: a request, its answer, and what a stream answers. Source: as `oip.ts` has it. */
import { map, message, oneof, repeated } from './schema.ts';

/** The value of a parameter of a request, an answer or a tensor. */
export const InferParameter = message('inference.InferParameter', {
  parameter_choice: oneof({
    bool_param: [1, 'bool'],
    int64_param: [2, 'int64'],
    string_param: [3, 'string'],
    double_param: [4, 'double'],
    uint64_param: [5, 'uint64'],
  }),
});

/** A tensor's elements, in row-major order, in the one field that its datatype has. FP16 and BF16 have none. */
export const InferTensorContents = message('inference.InferTensorContents', {
  bool_contents: [1, repeated('bool')],
  int_contents: [2, repeated('int32')],
  int64_contents: [3, repeated('int64')],
  uint_contents: [4, repeated('uint32')],
  uint64_contents: [5, repeated('uint64')],
  fp32_contents: [6, repeated('float')],
  fp64_contents: [7, repeated('double')],
  bytes_contents: [8, repeated('bytes')],
});

const InferInputTensor = message('inference.ModelInferRequest.InferInputTensor', {
  name: [1, 'string'],
  datatype: [2, 'string'],
  shape: [3, repeated('int64')],
  parameters: [4, map('string', InferParameter)],
  contents: [5, InferTensorContents],
});

const InferRequestedOutputTensor = message('inference.ModelInferRequest.InferRequestedOutputTensor', {
  name: [1, 'string'],
  parameters: [2, map('string', InferParameter)],
});

export const ModelInferRequest = message('inference.ModelInferRequest', {
  model_name: [1, 'string'],
  model_version: [2, 'string'],
  id: [3, 'string'],
  parameters: [4, map('string', InferParameter)],
  inputs: [5, repeated(InferInputTensor)],
  outputs: [6, repeated(InferRequestedOutputTensor)],
  raw_input_contents: [7, repeated('bytes')],
});

const InferOutputTensor = message('inference.ModelInferResponse.InferOutputTensor', {
  name: [1, 'string'],
  datatype: [2, 'string'],
  shape: [3, repeated('int64')],
  parameters: [4, map('string', InferParameter)],
  contents: [5, InferTensorContents],
});

export const ModelInferResponse = message('inference.ModelInferResponse', {
  model_name: [1, 'string'],
  model_version: [2, 'string'],
  id: [3, 'string'],
  parameters: [4, map('string', InferParameter)],
  outputs: [5, repeated(InferOutputTensor)],
  raw_output_contents: [6, repeated('bytes')],
});

/** One message of a stream's answer: a failed inference says so here, and the stream goes on. */
export const ModelStreamInferResponse = message('inference.ModelStreamInferResponse', {
  error_message: [1, 'string'],
  infer_response: [2, ModelInferResponse],
});
