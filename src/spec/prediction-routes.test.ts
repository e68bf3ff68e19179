import assert from 'node:assert/strict';
import test from 'node:test';
import { predictionMethod, predictionRoute } from './prediction-routes.ts';

const routes: Readonly<Record<string, string | undefined>> = {
  '/predict': '/predict',
  '/predict?x=1': '/predict',
  '/models/digits/predict': '/models/{model}/predict',
  '/v2/models/digits/infer': '/v2/models/{model}/infer',
  '/v2/models/digits/versions/7/infer': '/v2/models/{model}/versions/{version}/infer',
  '/v1/models/digits:predict': '/v1/models/{model}:predict',
  '/v1/models/digits/versions/7:Classify': '/v1/models/{model}/versions/{version}:classify',
  '/v1/models/digits/labels/stable:regress': '/v1/models/{model}/labels/{label}:regress',
  '/v1/models/digits': undefined,
  '/v2/models/digits/ready': undefined,
  '/models/a/b/predict': undefined,
  '/health': undefined,
};

for (const [path, route] of Object.entries(routes)) {
  test(`${path} is ${route ?? 'no prediction'}`, () => assert.equal(predictionRoute(path), route));
}

test('calls that predict are known by service and method', () => {
  assert.deepEqual(predictionMethod('/inference.GRPCInferenceService/ModelInfer'), {
    service: 'inference.GRPCInferenceService',
    method: 'ModelInfer',
  });
  assert.deepEqual(predictionMethod('/tensorflow.serving.PredictionService/MultiInference'), {
    service: 'tensorflow.serving.PredictionService',
    method: 'MultiInference',
  });
  assert.equal(predictionMethod('/inference.GRPCInferenceService/ModelReady'), undefined);
});
