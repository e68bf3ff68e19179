/**
 * The model server: protocols in, batches through runtimes, and back. It knows nothing of clusters, services or other
 * servers: a model server must run with none of them.
 */
export { ModelServer, type ModelToServe, type ServerConfig, type ServerPorts } from './io/server.ts';
export { type ReadModel, readModel } from './models/io/digests.ts';
export { type ModelSettings, usualSettings } from './models/settings.ts';
export type { ObserverSettings } from './observing/observer.ts';
export { protoTexts } from './protobuf/served.ts';
export { explainJson, explainModels } from './repositories/explain.ts';
export { headerOf } from './repositories/io/header.ts';
export { type RepositoryOptions, RepositoryReader } from './repositories/io/read-repository.ts';
export {
  isBroken,
  type LeftVersion,
  type ModelOrigin,
  type Origin,
  type RepositoryModel,
  type RepositoryVersion,
  type ScannedModel,
} from './repositories/model.ts';
export { logNotes, type Note } from './repositories/note.ts';
export { servingList } from './repositories/serving-list.ts';
export { tritonVersions } from './repositories/triton/served-versions.ts';
export { chooseVersions, policyText } from './repositories/version-policy.ts';
export { endProcess } from './runtimes/io/ending.ts';
export { FileStamp } from './runtimes/io/file-stamp.ts';
export { onnxRuntime } from './runtimes/io/onnx.ts';
export type { PythonModel } from './runtimes/python/python-model.ts';
