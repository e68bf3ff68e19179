import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { permissionOf, permissionOfCall } from './endpoints.ts';

for (const path of ['/health', '/health/live', '/v2/health/live', '/v2/health/ready'])
  test(`${path} is open to probes`, () => assert.equal(permissionOf(path), undefined));

for (const path of [
  '/predict',
  '/models/digits/predict',
  '/v1/models/digits',
  '/v1/models/digits:predict',
  '/v1/models/digits/versions/1/metadata',
  '/v2',
  '/v2/',
  '/v2/models/digits',
  '/v2/models/digits/ready',
  '/v2/models/digits/config',
  '/v2/models/digits/versions/1/infer',
  '/v2/models/stats/infer',
  '/v2/models/a%20b/infer',
  '/openapi.json',
  '/nothing',
  '/generate',
])
  test(`${path} is for predictions`, () => assert.equal(permissionOf(path), 'predict'));

for (const path of [
  '/',
  '/fairlead/drain',
  '/metrics',
  '/v2/models/stats',
  '/v2/models/digits/stats',
  '/v2/models/digits/versions/1/stats',
  '/v2/repository/index',
  '/v2/repository/models/digits/load',
  '/v2/systemsharedmemory/status',
  '/v2/logging',
  '/v2/anything/new',
  '/v2/models/digits/anything',
  '/v2/health/other',
  '/monitoring/prometheus/metrics',
])
  test(`${path} is for administrators`, () => assert.equal(permissionOf(path), 'admin'));

for (const path of [
  '//metrics',
  '/metrics/',
  '/%6Detrics',
  '/METRICS',
  '/./metrics',
  '/health/../metrics',
  '/v2/models/digits/../../repository/index',
  '/v2//repository/index',
  '/v2/%72epository/index',
  '\\metrics',
  '/v2/models/a%2Fstats',
  '/v2/repository/..%2Fmodels/index',
  '/v2/repository/models/..%5C..%5Cmodels/load',
  '/v2/systemsharedmemory/region/..%2F..%2F..%2F..%2Fx/register',
  '/v2/models/%2e%2e%2f%2e%2e%2fx/stats',
  '/metrics;a',
  '/metrics%3Ba=b',
  '/a/..;/metrics',
  '/v2;a/repository/index',
  '/fairlead;/drain',
])
  test(`${path}, which some server may take for an administrator's path, is one`, () =>
    assert.equal(permissionOf(path), 'admin'));

for (const path of ['/health/', '//health', '/%68ealth', '/HEALTH', '/health/live/..', '/health/x'])
  test(`${path} is no probe`, () => assert.notEqual(permissionOf(path), undefined));

for (const path of ['/predict;a', '/v2/models/a;b/infer', '/v1/models/..%2Fx:predict'])
  test(`${path} is for predictions, however it is read`, () => assert.equal(permissionOf(path), 'predict'));

test("no way to write a name in an administrator's path makes it another's", () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2f',
    '%2F',
    '%5c',
    '\\',
    ';',
    'models',
    'infer',
    'v2',
    'a',
  );
  const name = fc.array(piece, { minLength: 1, maxLength: 12 }).map(pieces => pieces.join(''));
  const path = fc.constantFrom(
    (text: string) => `/v2/repository/${text}/index`,
    (text: string) => `/v2/repository/models/${text}/load`,
    (text: string) => `/v2/models/${text}/stats`,
    (text: string) => `/v2/models/a/versions/${text}/stats`,
    (text: string) => `/fairlead/${text}`,
    (text: string) => `/metrics/${text}`,
  );
  fc.assert(fc.property(path, name, (at, text) => assert.equal(permissionOf(at(text)), 'admin')));
});

test('whatever is added to a path of a probe, it is open no more', () => {
  const open = fc.constantFrom('/health', '/health/live', '/v2/health/live', '/v2/health/ready');
  fc.assert(
    fc.property(open, fc.string({ minLength: 1 }), (path, more) => {
      if (path + more !== '/health/live') assert.notEqual(permissionOf(path + more), undefined);
    }),
  );
});

test('whatever the path, a permission is found in little time', () => {
  const piece = fc.constantFrom(
    '/',
    '//',
    '%2f',
    '..',
    '.',
    'v2',
    'models',
    'stats',
    '%',
    '\\',
    'a'.repeat(50),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 300 }), pieces => {
      assert.ok(['predict', 'admin', undefined].includes(permissionOf(pieces.join(''))));
    }),
  );
});

for (const [call, permission] of [
  ['/grpc.health.v1.Health/Check', undefined],
  ['/grpc.health.v1.Health/Watch', undefined],
  ['/grpc.health.v1.Health/Other', 'admin'],
  ['/inference.GRPCInferenceService/ServerReady', undefined],
  ['/inference.GRPCInferenceService/ModelReady', 'predict'],
  ['/inference.GRPCInferenceService/ModelInfer', 'predict'],
  ['/inference.GRPCInferenceService/ModelStatistics', 'admin'],
  ['/inference.GRPCInferenceService/RepositoryModelLoad', 'admin'],
  ['/inference.GRPCInferenceService/NewMethod', 'admin'],
  ['/tensorflow.serving.PredictionService/Predict', 'predict'],
  ['/tensorflow.serving.ModelService/HandleReloadConfigRequest', 'admin'],
  ['/tensorflow.serving.NewService/Anything', 'admin'],
  ['/grpc.channelz.v1.Channelz/GetServers', 'admin'],
  ['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', 'predict'],
  ['/my.Service/Method', 'predict'],
  ['/', 'predict'],
] as const)
  test(`the call ${call} needs ${permission ?? 'nothing'}`, () =>
    assert.equal(permissionOfCall(call), permission));
