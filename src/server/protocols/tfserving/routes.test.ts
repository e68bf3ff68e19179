import assert from 'node:assert/strict';
import test from 'node:test';
import { asAppError, failure } from '#base';
import { Directory } from '../../models/directory.ts';
import type { ServedModel } from '../../models/signature.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import { textOf } from '../fixtures/ask.ts';
import type { Methods, Reply } from '../port.ts';
import { translators } from '../translators.ts';
import { tfserving } from './routes.ts';

const vector: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1] };

function version(name: string, input = vector): ServedModel {
  const signature = { inputs: [input], outputs: [{ ...input, name: 'y' }], batched: true };
  return { name: 'm', version: name, platform: 'test', signature };
}

/** Version 3 is still loading. */
function directory(): Directory<ServedModel> {
  const labels = [
    { name: 'm', label: 'stable', version: '1' },
    { name: 'm', label: 'next', version: '3' },
  ];
  const models = new Directory<ServedModel>([version('1'), version('2'), version('3')], labels);
  models.serve(version('1'));
  models.serve(version('2'));
  return models;
}

/** As the front asks: a path and method that nobody answers is an error, which the protocol words. */
function answer(method: string, path: string, models = directory()): Reply {
  try {
    const action = tfserving.route(path)[method as keyof Methods];
    if (action === undefined) throw failure('method_not_allowed', { method, path, allow: '' });
    if (action.kind === 'answer') return action.reply(models);
    assert(action.kind === 'predict');
    const { name, version: found } = models.find(action.target);
    return { status: 200, type: '', body: `predicts with ${name} ${found}` };
  } catch (error: unknown) {
    return tfserving.error(asAppError(error));
  }
}

const status = (of: string, state = 'AVAILABLE') => ({
  version: of,
  state,
  status: { error_code: 'OK', error_message: '' },
});

const statuses: readonly { path: string; versions: readonly object[] }[] = [
  { path: '/v1/models/m', versions: [status('3', 'LOADING'), status('2'), status('1')] },
  { path: '/v1/models/m/versions/2', versions: [status('2')] },
  { path: '/v1/models/m/versions/002', versions: [status('2')] },
  { path: '/V1/Models/m/Versions/2', versions: [status('2')] },
  { path: '/v1/models/m/labels/stable', versions: [status('1')] },
  { path: '/v1/models/m/labels/next', versions: [status('3', 'LOADING')] },
  { path: '/v1/models/%6D', versions: [status('2'), status('1')].toSpliced(0, 0, status('3', 'LOADING')) },
];
for (const { path, versions } of statuses) {
  test(`the status of ${path}`, () => {
    assert.deepEqual(JSON.parse(textOf(answer('GET', path))), { model_version_status: versions });
  });
}

test('a version that failed to load has ended, with the reason', () => {
  const models = directory();
  models.failed({ name: 'm', version: '3' }, 'out of memory');
  const failed = { error_code: 'UNKNOWN', error_message: 'out of memory' };
  assert.deepEqual(JSON.parse(textOf(answer('GET', '/v1/models/m/versions/3', models))), {
    model_version_status: [{ version: '3', state: 'END', status: failed }],
  });
});

test('a version that is unloaded goes, and has ended well', () => {
  const models = directory();
  const old = models.replace('m', [version('2')]).find(one => one.version === '1');
  const found = (): unknown => JSON.parse(textOf(answer('GET', '/v1/models/m', models)));
  assert.deepEqual(found(), { model_version_status: [status('2'), status('1', 'UNLOADING')] });
  assert(old !== undefined);
  models.gone(old);
  assert.deepEqual(found(), { model_version_status: [status('2'), status('1', 'END')] });
});

const predictions: readonly { path: string; by: string }[] = [
  { path: '/v1/models/m:predict', by: '2' },
  { path: '/V1/Models/m:Predict', by: '2' },
  { path: '/v1/models/m/versions/1:classify', by: '1' },
  { path: '/v1/models/m/labels/stable:regress', by: '1' },
];
for (const { path, by } of predictions) {
  test(`${path} is asked of version ${by}`, () => {
    assert.equal(textOf(answer('POST', path)), `predicts with m ${by}`);
  });
}

for (const verb of ['predict', 'classify', 'regress']) {
  test(`another thread finds what translates :${verb}`, () => {
    const action = tfserving.route(`/v1/models/m:${verb}`).POST;
    assert(action?.kind === 'predict');
    assert.equal(
      translators.find(({ name }) => name === action.translator.name),
      action.translator,
    );
  });
}

const UNKNOWN_LABEL = 'Unrecognized servable version label: nope';
const failures: readonly { method?: string; path: string; status: number; says: string }[] = [
  { path: '/v1/models', status: 400, says: 'Missing model name in request.' },
  { path: '/v1/models/versions/1', status: 400, says: 'Missing model name in request.' },
  { path: '/v1/models/labels/stable/metadata', status: 400, says: 'Missing model name in request.' },
  {
    path: '/v1/models/m/versions/9223372036854775808',
    status: 400,
    says: 'Failed to convert version: 9223372036854775808 to numeric.',
  },
  {
    method: 'POST',
    path: '/v1/models/m/versions/9223372036854775808:predict',
    status: 400,
    says: 'Failed to convert version: 9223372036854775808 to numeric.',
  },
  {
    path: '/v1/models/m/versions/9223372036854775807',
    status: 404,
    says: 'Could not find version 9223372036854775807 of model m',
  },
  { path: '/v1/models/nope', status: 404, says: 'Could not find any versions of model nope' },
  { path: '/v1/models/nope/versions/1', status: 404, says: 'Could not find version 1 of model nope' },
  { path: '/v1/models/nope/metadata', status: 404, says: 'Servable not found for request: Latest(nope)' },
  {
    method: 'POST',
    path: '/v1/models/nope:predict',
    status: 404,
    says: 'Servable not found for request: Latest(nope)',
  },
  {
    method: 'POST',
    path: '/v1/models/m/versions/50:predict',
    status: 404,
    says: 'Servable not found for request: Specific(m, 50)',
  },
  { path: '/v1/models/m/labels/nope', status: 400, says: UNKNOWN_LABEL },
  { path: '/v1/models/m/labels/nope/metadata', status: 400, says: UNKNOWN_LABEL },
  { method: 'POST', path: '/v1/models/m/labels/nope:predict', status: 400, says: UNKNOWN_LABEL },
  ...[
    ['GET', '/v1/foo'],
    ['GET', '/v1'],
    ['GET', '/v1/models/'],
    ['GET', '/v1/models/m/versions/abc'],
    ['GET', '/v1/models/m:predict'],
    ['POST', '/v1/models'],
    ['POST', '/v1/models/m'],
    ['POST', '/v1/models/m/metadata'],
    ['POST', '/v1/models/m/version/1:predict'],
    ['POST', '/v1/models/m%2Fx:predict'],
    ['PUT', '/v1/models/m:predict'],
    ['OPTIONS', '/v1/models/m:predict'],
  ].map(([method = '', path = '']) => ({
    method,
    path,
    status: 400,
    says: `Malformed request: ${method} ${path}`,
  })),
];
for (const { method = 'GET', path, status: expected, says } of failures) {
  test(`${method} ${path} fails in TensorFlow Serving's words`, () => {
    assert(tfserving.owns(path));
    const reply = answer(method, path);
    assert.equal(reply.status, expected);
    assert.deepEqual(JSON.parse(textOf(reply)), { error: says });
  });
}

test('only paths under its own prefix are its own', () => {
  for (const path of ['/v10/models/m', '/v2', '/predict']) assert(!tfserving.owns(path));
});

test('the metadata is the signature as TensorFlow writes it in JSON', () => {
  const info = (name: string) => ({
    dtype: 'DT_FLOAT',
    tensor_shape: { dim: [{ size: '-1', name: '' }], unknown_rank: false },
    name: `${name}:0`,
  });
  const serving_default = {
    inputs: { x: info('x') },
    outputs: { y: info('y') },
    method_name: 'tensorflow/serving/predict',
    defaults: {},
  };
  assert.deepEqual(JSON.parse(textOf(answer('GET', '/v1/models/m/labels/stable/metadata'))), {
    model_spec: { name: 'm', signature_name: '', version: '1' },
    metadata: { signature_def: { signature_def: { serving_default } } },
  });
});

test('the metadata of a tensor without a rank has no sizes', () => {
  const models = new Directory<ServedModel>([version('1')]);
  models.serve(version('1', { ...vector, unknownRank: true }));
  const text = textOf(answer('GET', '/v1/models/m/metadata', models));
  assert.match(text, /"tensor_shape":\{"dim":\[\],"unknown_rank":true\}/);
});
