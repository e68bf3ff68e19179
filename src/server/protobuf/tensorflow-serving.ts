/**
 * TensorFlow Serving over gRPC, package `tensorflow.serving`. Sources: the .proto files of tensorflow_serving/apis that are
 * named below. `HandleReloadConfigRequest` and what only streamed language models use are left out.
 */
import { Any, anyFile, Int64Value, wrappersFile } from './google.ts';
import { protoFile } from './proto-file.ts';
import { enumeration, map, message, oneof, repeated } from './schema.ts';
import { service, unary } from './service.ts';
import {
  Code,
  Example,
  errorCodesFile,
  exampleFile,
  metaGraphFile,
  SignatureDef,
  TensorProto,
  tensorFile,
} from './tensorflow.ts';

/** Without a version or label, the latest version is meant. */
const ModelSpec = message('tensorflow.serving.ModelSpec', {
  name: [1, 'string'],
  version_choice: oneof({ version: [2, Int64Value], version_label: [4, 'string'] }),
  signature_name: [3, 'string'],
});

const PredictRequest = message('tensorflow.serving.PredictRequest', {
  model_spec: [1, ModelSpec],
  inputs: [2, map('string', TensorProto)],
  /** Names of the outputs that are wanted; all of them when it is empty. */
  output_filter: [3, repeated('string')],
});

const PredictResponse = message('tensorflow.serving.PredictResponse', {
  outputs: [1, map('string', TensorProto)],
  model_spec: [2, ModelSpec],
});

const ExampleList = message('tensorflow.serving.ExampleList', { examples: [1, repeated(Example)] });

/** What `context` has, every example has too. */
const ExampleListWithContext = message('tensorflow.serving.ExampleListWithContext', {
  examples: [1, repeated(Example)],
  context: [2, Example],
});

const Input = message('tensorflow.serving.Input', {
  kind: oneof({
    example_list: [1, ExampleList],
    example_list_with_context: [2, ExampleListWithContext],
  }),
});

const Class = message('tensorflow.serving.Class', { label: [1, 'string'], score: [2, 'float'] });

const Classifications = message('tensorflow.serving.Classifications', { classes: [1, repeated(Class)] });

const ClassificationResult = message('tensorflow.serving.ClassificationResult', {
  classifications: [1, repeated(Classifications)],
});

const ClassificationRequest = message('tensorflow.serving.ClassificationRequest', {
  model_spec: [1, ModelSpec],
  input: [2, Input],
});

const ClassificationResponse = message('tensorflow.serving.ClassificationResponse', {
  result: [1, ClassificationResult],
  model_spec: [2, ModelSpec],
});

const Regression = message('tensorflow.serving.Regression', { value: [1, 'float'] });

const RegressionResult = message('tensorflow.serving.RegressionResult', {
  regressions: [1, repeated(Regression)],
});

const RegressionRequest = message('tensorflow.serving.RegressionRequest', {
  model_spec: [1, ModelSpec],
  input: [2, Input],
});

const RegressionResponse = message('tensorflow.serving.RegressionResponse', {
  result: [1, RegressionResult],
  model_spec: [2, ModelSpec],
});

const InferenceTask = message('tensorflow.serving.InferenceTask', {
  model_spec: [1, ModelSpec],
  method_name: [2, 'string'],
});

const InferenceResult = message('tensorflow.serving.InferenceResult', {
  model_spec: [1, ModelSpec],
  result: oneof({
    classification_result: [2, ClassificationResult],
    regression_result: [3, RegressionResult],
  }),
});

const MultiInferenceRequest = message('tensorflow.serving.MultiInferenceRequest', {
  tasks: [1, repeated(InferenceTask)],
  input: [2, Input],
});

const MultiInferenceResponse = message('tensorflow.serving.MultiInferenceResponse', {
  results: [1, repeated(InferenceResult)],
});

/** What `metadata['signature_def']` of a GetModelMetadataResponse holds. */
export const SignatureDefMap = message('tensorflow.serving.SignatureDefMap', {
  signature_def: [1, map('string', SignatureDef)],
});

const GetModelMetadataRequest = message('tensorflow.serving.GetModelMetadataRequest', {
  model_spec: [1, ModelSpec],
  metadata_field: [2, repeated('string')],
});

const GetModelMetadataResponse = message('tensorflow.serving.GetModelMetadataResponse', {
  model_spec: [1, ModelSpec],
  metadata: [2, map('string', Any)],
});

export const State = enumeration('tensorflow.serving.ModelVersionStatus.State', {
  UNKNOWN: 0,
  START: 10,
  LOADING: 20,
  AVAILABLE: 30,
  UNLOADING: 40,
  END: 50,
});

const StatusProto = message('tensorflow.serving.StatusProto', {
  error_code: [1, Code],
  error_message: [2, 'string'],
});

const ModelVersionStatus = message('tensorflow.serving.ModelVersionStatus', {
  version: [1, 'int64'],
  state: [2, State],
  status: [3, StatusProto],
});

const GetModelStatusRequest = message('tensorflow.serving.GetModelStatusRequest', {
  model_spec: [1, ModelSpec],
});

const GetModelStatusResponse = message('tensorflow.serving.GetModelStatusResponse', {
  model_version_status: [1, repeated(ModelVersionStatus)],
});

export const PredictionService = service('tensorflow.serving.PredictionService', {
  Classify: unary(ClassificationRequest, ClassificationResponse),
  Regress: unary(RegressionRequest, RegressionResponse),
  Predict: unary(PredictRequest, PredictResponse),
  MultiInference: unary(MultiInferenceRequest, MultiInferenceResponse),
  GetModelMetadata: unary(GetModelMetadataRequest, GetModelMetadataResponse),
});

export const ModelService = service('tensorflow.serving.ModelService', {
  GetModelStatus: unary(GetModelStatusRequest, GetModelStatusResponse),
});

const of = { package: 'tensorflow.serving' };

const modelFile = protoFile('tensorflow_serving/apis/model.proto', {
  ...of,
  imports: [wrappersFile],
  roots: [ModelSpec],
});

const predictFile = protoFile('tensorflow_serving/apis/predict.proto', {
  ...of,
  imports: [tensorFile, modelFile],
  roots: [PredictRequest, PredictResponse],
});

const inputFile = protoFile('tensorflow_serving/apis/input.proto', {
  ...of,
  imports: [exampleFile],
  roots: [Input],
});

const classificationFile = protoFile('tensorflow_serving/apis/classification.proto', {
  ...of,
  imports: [inputFile, modelFile],
  roots: [ClassificationRequest, ClassificationResponse],
});

const regressionFile = protoFile('tensorflow_serving/apis/regression.proto', {
  ...of,
  imports: [inputFile, modelFile],
  roots: [RegressionRequest, RegressionResponse],
});

const inferenceFile = protoFile('tensorflow_serving/apis/inference.proto', {
  ...of,
  imports: [classificationFile, inputFile, modelFile, regressionFile],
  roots: [MultiInferenceRequest, MultiInferenceResponse],
});

const metadataFile = protoFile('tensorflow_serving/apis/get_model_metadata.proto', {
  ...of,
  imports: [anyFile, metaGraphFile, modelFile],
  roots: [SignatureDefMap, GetModelMetadataRequest, GetModelMetadataResponse],
});

const statusFile = protoFile('tensorflow_serving/apis/status.proto', {
  ...of,
  imports: [errorCodesFile],
  roots: [StatusProto],
});

const modelStatusFile = protoFile('tensorflow_serving/apis/get_model_status.proto', {
  ...of,
  imports: [modelFile, statusFile],
  roots: [GetModelStatusRequest, GetModelStatusResponse],
});

export const modelServiceFile = protoFile('tensorflow_serving/apis/model_service.proto', {
  ...of,
  imports: [modelStatusFile],
  services: [ModelService],
});

export const predictionServiceFile = protoFile('tensorflow_serving/apis/prediction_service.proto', {
  ...of,
  imports: [classificationFile, metadataFile, inferenceFile, predictFile, regressionFile],
  services: [PredictionService],
});
