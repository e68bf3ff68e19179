import assert from 'node:assert/strict';
import test from 'node:test';
import { Directory, type VersionLabel } from '../../models/directory.ts';
import type { ServedModel, Signature } from '../../models/signature.ts';
import { datatypes, type TensorSpec } from '../../tensors/tensor.ts';
import { textOf } from '../fixtures/ask.ts';
import { fakeRepository, v2Protocol } from '../fixtures/v2-options.ts';
import { operations } from '../operations.ts';
import type { Protocol } from '../port.ts';
import { predict } from '../predict.ts';
import { tfserving } from '../tfserving/routes.ts';
import { openApi } from './routes.ts';

const spec = (change: Partial<TensorSpec> = {}): TensorSpec => ({
  name: 'x',
  datatype: 'FP32',
  shape: [-1, 4],
  ...change,
});

function model(change: Partial<ServedModel & Signature> = {}): ServedModel {
  const { inputs = [spec()], outputs = [spec({ name: 'y' })], batched = true, ...rest } = change;
  return { name: 'm', version: '1', platform: 'test', ...rest, signature: { inputs, outputs, batched } };
}

function directory(
  models: readonly ServedModel[],
  labels: readonly VersionLabel[] = [],
): Directory<ServedModel> {
  const found = new Directory<ServedModel>(models, labels);
  for (const one of models) found.serve(one);
  return found;
}

const identity = { name: 'fairlead', version: '0' };

function textFor(models: Directory<ServedModel>, controlled = true): string {
  const action = openApi({ identity, repository: fakeRepository({ controlled }) }).route('/openapi.json').GET;
  assert(action?.kind === 'answer');
  return textOf(action.reply(models));
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const describe = (models: readonly ServedModel[], labels: readonly VersionLabel[] = [], controlled = true) =>
  JSON.parse(textFor(directory(models, labels), controlled)) as Document;

/** Models of every type, of shapes of every kind, and with several inputs. */
const models: readonly ServedModel[] = [
  ...datatypes.map(datatype => model({ name: `one-${datatype}`, inputs: [spec({ datatype })] })),
  model({
    name: 'many',
    inputs: datatypes.map(datatype => spec({ name: datatype, datatype, shape: [2, 3] })),
  }),
  model({ name: 'free', inputs: [spec({ shape: [-1, -1] })], shapes: [[1, 64]] }),
  model({ name: 'scalar', inputs: [spec({ shape: [] })], batched: false }),
  model({
    name: 'open',
    inputs: [spec({ shape: [-1], unknownRank: true })],
    shapes: [[1, 1]],
    batched: false,
  }),
  model({ name: 'versions', version: '9' }),
  model({ name: 'versions', version: '10' }),
  model({ name: 'versions', version: 'beta' }),
];
const labels = [{ name: 'versions', version: '9', label: 'stable' }];

const protocols: readonly Protocol[] = [
  predict,
  tfserving,
  v2Protocol(),
  openApi({ identity, repository: fakeRepository() }),
  operations({ metricsText: () => '', draining: () => false }),
];

/** Each path with its method and what is said of it. */
function everyOperation({ paths }: Document): [path: string, method: string, operation: Operation][] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, string, Operation] => [path, method, operation]),
  );
}

test('every path that is described is there, with its method', () => {
  const found = everyOperation(describe(models, labels));
  assert(found.length > 150, `${found.length} operations`);
  for (const [path, method] of found) {
    const protocol = protocols.find(one => one.owns(path));
    assert(protocol?.route(path)[method.toUpperCase() as 'GET' | 'POST'] !== undefined, `${method} ${path}`);
  }
});

test('every example is a request that the model takes', () => {
  const served = directory(models, labels);
  let examples = 0;
  for (const [path, , { requestBody }] of everyOperation(describe(models, labels))) {
    const example = requestBody?.content['application/json']?.example;
    const action = protocols.find(one => one.owns(path))?.route(path).POST;
    if (example === undefined || action?.kind !== 'predict') continue;
    examples++;
    const bytes = Buffer.from(JSON.stringify(example));
    assert.doesNotThrow(
      () => action.translator.decode({ bytes, headers: {} }, served.find(action.target)),
      path,
    );
  }
  assert(examples > 50, `${examples} examples`);
});

test('operations have ids of their own', () => {
  const ids = everyOperation(describe(models, labels)).map(([, , { operationId }]) => operationId);
  assert.equal(new Set(ids).size, ids.length);
});

test('every reference leads somewhere', () => {
  const text = textFor(directory(models));
  const document = JSON.parse(text) as object;
  const references = new Set([...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path));
  assert(references.size > 2);
  for (const path of references) {
    const found = path
      .split('/')
      .reduce<unknown>((at, name) => (at as Record<string, unknown>)?.[name], document);
    assert.notEqual(found, undefined, path);
  }
});

test('the latest version answers where none is named, numbers have paths in every protocol, and labels in one', () => {
  const { paths } = describe(models, labels);
  assert.match(JSON.stringify(paths['/v2/models/versions/infer']), /"examples":\["10"\]/);
  for (const path of ['/v1/models/versions/versions/9:predict', '/v1/models/versions/labels/stable:predict'])
    assert(path in paths, path);
  assert('/v2/models/versions/versions/beta/infer' in paths);
  assert(!('/v1/models/versions/versions/beta:predict' in paths));
});

test('what cannot be asked is not described', () => {
  assert(!('/predict' in describe(models).paths), 'several models, and none is named');
  assert('/predict' in describe([model()]).paths);
  const texts = describe([model({ outputs: [spec({ name: 'y', datatype: 'BYTES' })] })]).paths;
  assert(!('/v1/models/m:classify' in texts) && !('/v1/models/m:regress' in texts));
  assert('/v1/models/m:classify' in describe([model()]).paths);
  assert('/v2/repository/models/m/load' in describe([model()]).paths);
  assert(!('/v2/repository/models/m/load' in describe([model()], [], false).paths));
});

test('each operation tells every status that its protocol has', () => {
  const { paths } = describe([model()]);
  const statuses = (path: string): string => Object.keys(paths[path]?.['post']?.responses ?? {}).join();
  assert.equal(statuses('/predict'), '200,400,404,408,413,415,417,422,429,431,500,501,503,504,505');
  assert.equal(statuses('/v1/models/m:predict'), '200,400,404,408,413,415,417,429,431,500,501,503,504,505');
  assert.equal(statuses('/v2/models/m/infer'), '200,400,404,408,413,415,417,429,431,500,501,503,504,505');
});

test('bounds of 64 bits are exact', () => {
  const inputs = [spec({ datatype: 'INT64' }), spec({ name: 'u', datatype: 'UINT64' })];
  const text = textFor(directory([model({ inputs })]));
  assert.match(text, /"minimum":-9223372036854775808,"maximum":9223372036854775807/);
  assert.match(text, /"minimum":0,"maximum":18446744073709551615/);
});

test('the text is made once for each set of models', () => {
  const served = directory([model()]);
  const action = openApi({ identity, repository: fakeRepository() }).route('/openapi.json').GET;
  assert(action?.kind === 'answer');
  const first = action.reply(served).body;
  assert.equal(action.reply(served).body, first);
  served.serve(model({ name: 'other' }));
  assert.notEqual(action.reply(served).body, first);
});
