import { words } from './words.ts';

/** Every path that the server has, and some that it has not. */
export const PATHS: readonly string[] = words(`
  /predict /models/fp32/predict /models/a%2fb/predict /health /health/live /metrics /openapi.json
  /v1/models /v1/models/fp32 /v1/models/fp32:predict /v1/models/fp32/versions/1:predict /V1/MODELS/fp32 /v1/
  /v1/models/fp32/versions/99999999999999999999:predict /v1/models/fp32/labels/stable:classify /v1/models/fp32:regress
  /v1/models/fp32/metadata /v1/models/fp32/versions/1/metadata /v1/models/x /v1/models/fp32:classify
  /v2 /v2/ /v2/health/live /v2/health/ready /v2/models/stats /v2/models/fp32 /v2/models/fp32/ready /v2/models/fp32/infer
  /v2/models/fp32/config /v2/models/fp32/stats /v2/models/fp32/versions/1 /v2/models/fp32/versions/1/infer
  /v2/models/fp32/versions/2/ready /v2/repository/index /v2/repository/models/fp32/load /v2/repository/a/index
  /v2/repository/models/fp32/unload /v2/systemsharedmemory/status /v2/cudasharedmemory/region/a/register /v2/logging
  /v2/trace/setting / /a /v2/models/%zz /v2/models/%00/infer /v2/models/texts/infer?a=b /health?a#b //health`);

export const REPOSITORY_BODIES: readonly string[] = [
  '',
  ...words(`
    {} {"ready":true} {"ready":1} [] { null {"parameters":{"unload_dependents":true}} {"parameters":{"config":"{}"}}
    {"parameters":{"file:1/model.onnx":"AA=="}} {"parameters":1} {"inputs":[[1,2,3]]} {"instances":[[1,2,3]]}
    {"inputs":[{"name":"x","datatype":"FP32","shape":[1,3],"data":[1,2,3]}]}`),
];
