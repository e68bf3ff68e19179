/**
 * The Open Inference Protocol over gRPC, package `inference`, with Triton's extensions. Sources: the protocol's
 * open_inference_grpc.proto, and Triton's grpc_service.proto, which is the same and more.
 */
import { ModelConfig, modelConfigFile } from './model-config.ts';
import * as control from './oip-control.ts';
import { ModelInferRequest, ModelInferResponse, ModelStreamInferResponse } from './oip-infer.ts';
import { protoFile } from './proto-file.ts';
import { map, message, repeated } from './schema.ts';
import { duplex, service, unary } from './service.ts';

const ServerLiveRequest = message('inference.ServerLiveRequest', {});
const ServerLiveResponse = message('inference.ServerLiveResponse', { live: [1, 'bool'] });

const ServerReadyRequest = message('inference.ServerReadyRequest', {});
const ServerReadyResponse = message('inference.ServerReadyResponse', { ready: [1, 'bool'] });

const ModelReadyRequest = message('inference.ModelReadyRequest', {
  name: [1, 'string'],
  version: [2, 'string'],
});
const ModelReadyResponse = message('inference.ModelReadyResponse', { ready: [1, 'bool'] });

const ServerMetadataRequest = message('inference.ServerMetadataRequest', {});
const ServerMetadataResponse = message('inference.ServerMetadataResponse', {
  name: [1, 'string'],
  version: [2, 'string'],
  extensions: [3, repeated('string')],
});

const ModelMetadataRequest = message('inference.ModelMetadataRequest', {
  name: [1, 'string'],
  version: [2, 'string'],
});

const TensorMetadata = message('inference.ModelMetadataResponse.TensorMetadata', {
  name: [1, 'string'],
  datatype: [2, 'string'],
  shape: [3, repeated('int64')],
});

const ModelMetadataResponse = message('inference.ModelMetadataResponse', {
  name: [1, 'string'],
  versions: [2, repeated('string')],
  platform: [3, 'string'],
  inputs: [4, repeated(TensorMetadata)],
  outputs: [5, repeated(TensorMetadata)],
  properties: [6, map('string', 'string')],
});

const ModelConfigRequest = message('inference.ModelConfigRequest', {
  name: [1, 'string'],
  version: [2, 'string'],
});
const ModelConfigResponse = message('inference.ModelConfigResponse', { config: [1, ModelConfig] });

const ModelStatisticsRequest = message('inference.ModelStatisticsRequest', {
  name: [1, 'string'],
  version: [2, 'string'],
});

/** How often, and nanoseconds in all. */
const StatisticDuration = message('inference.StatisticDuration', {
  count: [1, 'uint64'],
  ns: [2, 'uint64'],
});

const InferStatistics = message('inference.InferStatistics', {
  success: [1, StatisticDuration],
  fail: [2, StatisticDuration],
  queue: [3, StatisticDuration],
  compute_input: [4, StatisticDuration],
  compute_infer: [5, StatisticDuration],
  compute_output: [6, StatisticDuration],
  cache_hit: [7, StatisticDuration],
  cache_miss: [8, StatisticDuration],
});

const InferResponseStatistics = message('inference.InferResponseStatistics', {
  compute_infer: [1, StatisticDuration],
  compute_output: [2, StatisticDuration],
  success: [3, StatisticDuration],
  fail: [4, StatisticDuration],
  empty_response: [5, StatisticDuration],
  cancel: [6, StatisticDuration],
});

const InferBatchStatistics = message('inference.InferBatchStatistics', {
  batch_size: [1, 'uint64'],
  compute_input: [2, StatisticDuration],
  compute_infer: [3, StatisticDuration],
  compute_output: [4, StatisticDuration],
});

const MemoryUsage = message('inference.MemoryUsage', {
  type: [1, 'string'],
  id: [2, 'int64'],
  byte_size: [3, 'uint64'],
});

const ModelStatistics = message('inference.ModelStatistics', {
  name: [1, 'string'],
  version: [2, 'string'],
  last_inference: [3, 'uint64'],
  inference_count: [4, 'uint64'],
  execution_count: [5, 'uint64'],
  inference_stats: [6, InferStatistics],
  batch_stats: [7, repeated(InferBatchStatistics)],
  memory_usage: [8, repeated(MemoryUsage)],
  response_stats: [9, map('string', InferResponseStatistics)],
});

const ModelStatisticsResponse = message('inference.ModelStatisticsResponse', {
  model_stats: [1, repeated(ModelStatistics)],
});

export const GRPCInferenceService = service('inference.GRPCInferenceService', {
  ServerLive: unary(ServerLiveRequest, ServerLiveResponse),
  ServerReady: unary(ServerReadyRequest, ServerReadyResponse),
  ModelReady: unary(ModelReadyRequest, ModelReadyResponse),
  ServerMetadata: unary(ServerMetadataRequest, ServerMetadataResponse),
  ModelMetadata: unary(ModelMetadataRequest, ModelMetadataResponse),
  ModelInfer: unary(ModelInferRequest, ModelInferResponse),
  ModelStreamInfer: duplex(ModelInferRequest, ModelStreamInferResponse),
  ModelConfig: unary(ModelConfigRequest, ModelConfigResponse),
  ModelStatistics: unary(ModelStatisticsRequest, ModelStatisticsResponse),
  RepositoryIndex: unary(control.RepositoryIndexRequest, control.RepositoryIndexResponse),
  RepositoryModelLoad: unary(control.RepositoryModelLoadRequest, control.RepositoryModelLoadResponse),
  RepositoryModelUnload: unary(control.RepositoryModelUnloadRequest, control.RepositoryModelUnloadResponse),
  SystemSharedMemoryStatus: unary(
    control.SystemSharedMemoryStatusRequest,
    control.SystemSharedMemoryStatusResponse,
  ),
  SystemSharedMemoryRegister: unary(
    control.SystemSharedMemoryRegisterRequest,
    control.SystemSharedMemoryRegisterResponse,
  ),
  SystemSharedMemoryUnregister: unary(
    control.SystemSharedMemoryUnregisterRequest,
    control.SystemSharedMemoryUnregisterResponse,
  ),
  CudaSharedMemoryStatus: unary(
    control.CudaSharedMemoryStatusRequest,
    control.CudaSharedMemoryStatusResponse,
  ),
  CudaSharedMemoryRegister: unary(
    control.CudaSharedMemoryRegisterRequest,
    control.CudaSharedMemoryRegisterResponse,
  ),
  CudaSharedMemoryUnregister: unary(
    control.CudaSharedMemoryUnregisterRequest,
    control.CudaSharedMemoryUnregisterResponse,
  ),
  TraceSetting: unary(control.TraceSettingRequest, control.TraceSettingResponse),
  LogSettings: unary(control.LogSettingsRequest, control.LogSettingsResponse),
});

export const inferenceFile = protoFile('grpc_service.proto', {
  package: 'inference',
  imports: [modelConfigFile],
  services: [GRPCInferenceService],
});
