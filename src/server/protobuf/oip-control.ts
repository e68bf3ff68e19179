/** Messages that manage a server: its repository of models, shared memory, traces and logs. Source: as `oip.ts` has it. */
import { map, message, oneof, repeated } from './schema.ts';

const ModelRepositoryParameter = message('inference.ModelRepositoryParameter', {
  parameter_choice: oneof({
    bool_param: [1, 'bool'],
    int64_param: [2, 'int64'],
    string_param: [3, 'string'],
    bytes_param: [4, 'bytes'],
  }),
});

export const RepositoryIndexRequest = message('inference.RepositoryIndexRequest', {
  repository_name: [1, 'string'],
  ready: [2, 'bool'],
});

const ModelIndex = message('inference.RepositoryIndexResponse.ModelIndex', {
  name: [1, 'string'],
  version: [2, 'string'],
  state: [3, 'string'],
  reason: [4, 'string'],
});

export const RepositoryIndexResponse = message('inference.RepositoryIndexResponse', {
  models: [1, repeated(ModelIndex)],
});

export const RepositoryModelLoadRequest = message('inference.RepositoryModelLoadRequest', {
  repository_name: [1, 'string'],
  model_name: [2, 'string'],
  parameters: [3, map('string', ModelRepositoryParameter)],
});

export const RepositoryModelLoadResponse = message('inference.RepositoryModelLoadResponse', {});

export const RepositoryModelUnloadRequest = message('inference.RepositoryModelUnloadRequest', {
  repository_name: [1, 'string'],
  model_name: [2, 'string'],
  parameters: [3, map('string', ModelRepositoryParameter)],
});

export const RepositoryModelUnloadResponse = message('inference.RepositoryModelUnloadResponse', {});

export const SystemSharedMemoryStatusRequest = message('inference.SystemSharedMemoryStatusRequest', {
  name: [1, 'string'],
});

const SystemRegion = message('inference.SystemSharedMemoryStatusResponse.RegionStatus', {
  name: [1, 'string'],
  key: [2, 'string'],
  offset: [3, 'uint64'],
  byte_size: [4, 'uint64'],
});

export const SystemSharedMemoryStatusResponse = message('inference.SystemSharedMemoryStatusResponse', {
  regions: [1, map('string', SystemRegion)],
});

export const SystemSharedMemoryRegisterRequest = message('inference.SystemSharedMemoryRegisterRequest', {
  name: [1, 'string'],
  key: [2, 'string'],
  offset: [3, 'uint64'],
  byte_size: [4, 'uint64'],
});

export const SystemSharedMemoryRegisterResponse = message('inference.SystemSharedMemoryRegisterResponse', {});

export const SystemSharedMemoryUnregisterRequest = message('inference.SystemSharedMemoryUnregisterRequest', {
  name: [1, 'string'],
});

export const SystemSharedMemoryUnregisterResponse = message(
  'inference.SystemSharedMemoryUnregisterResponse',
  {},
);

export const CudaSharedMemoryStatusRequest = message('inference.CudaSharedMemoryStatusRequest', {
  name: [1, 'string'],
});

const CudaRegion = message('inference.CudaSharedMemoryStatusResponse.RegionStatus', {
  name: [1, 'string'],
  device_id: [2, 'uint64'],
  byte_size: [3, 'uint64'],
});

export const CudaSharedMemoryStatusResponse = message('inference.CudaSharedMemoryStatusResponse', {
  regions: [1, map('string', CudaRegion)],
});

export const CudaSharedMemoryRegisterRequest = message('inference.CudaSharedMemoryRegisterRequest', {
  name: [1, 'string'],
  raw_handle: [2, 'bytes'],
  device_id: [3, 'int64'],
  byte_size: [4, 'uint64'],
});

export const CudaSharedMemoryRegisterResponse = message('inference.CudaSharedMemoryRegisterResponse', {});

export const CudaSharedMemoryUnregisterRequest = message('inference.CudaSharedMemoryUnregisterRequest', {
  name: [1, 'string'],
});

export const CudaSharedMemoryUnregisterResponse = message('inference.CudaSharedMemoryUnregisterResponse', {});

const AskedTraceValue = message('inference.TraceSettingRequest.SettingValue', {
  value: [1, repeated('string')],
});

/** A setting without values goes back to the server's own. */
export const TraceSettingRequest = message('inference.TraceSettingRequest', {
  settings: [1, map('string', AskedTraceValue)],
  model_name: [2, 'string'],
});

const TraceValue = message('inference.TraceSettingResponse.SettingValue', { value: [1, repeated('string')] });

export const TraceSettingResponse = message('inference.TraceSettingResponse', {
  settings: [1, map('string', TraceValue)],
});

const logValue = oneof({
  bool_param: [1, 'bool'],
  uint32_param: [2, 'uint32'],
  string_param: [3, 'string'],
});

const AskedLogValue = message('inference.LogSettingsRequest.SettingValue', { parameter_choice: logValue });

export const LogSettingsRequest = message('inference.LogSettingsRequest', {
  settings: [1, map('string', AskedLogValue)],
});

const LogValue = message('inference.LogSettingsResponse.SettingValue', { parameter_choice: logValue });

export const LogSettingsResponse = message('inference.LogSettingsResponse', {
  settings: [1, map('string', LogValue)],
});
