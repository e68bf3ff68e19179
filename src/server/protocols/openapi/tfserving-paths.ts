/** TensorFlow Serving's REST API as a description has it. */
import type { VersionLabel } from '../../models/directory.ts';
import type { ServedModel } from '../../models/signature.ts';
import { classOutputs, regressOutput } from '../tfserving/classification.ts';
import { tfserving } from '../tfserving/routes.ts';
import { bareOrNamed } from './example.ts';
import type { Json, JsonObject } from './json.ts';
import { json, objectOf, operation, type Paths, segment, surfaceOf } from './operation.ts';
import { examplesSchema, predictionsSchema, predictSchema } from './tfserving-schema.ts';

export const tfservingSurface = surfaceOf(tfserving, 'tensorflow-serving', 'Error');

/** Paths of the latest version of each name, of every version that is a number, and of labels. */
export function tfservingPaths(
  models: readonly ServedModel[],
  latest: readonly ServedModel[],
  labels: readonly VersionLabel[],
): Paths {
  const places = [
    ...latest.map(model => [model, ''] as const),
    ...models.filter(isNumbered).map(model => [model, `/versions/${model.version}`] as const),
    ...labels.flatMap(({ name, version, label }) => {
      const model = models.find(one => one.name === name && one.version === version);
      return model === undefined ? [] : [[model, `/labels/${segment(label)}`] as const];
    }),
  ];
  return Object.assign({}, ...places.map(([model, which]) => modelPaths(model, which))) as Paths;
}

function isNumbered({ version }: ServedModel): boolean {
  return /^(?:0|[1-9]\d*)$/.test(version) && BigInt(version) < 2n ** 63n;
}

function modelPaths(model: ServedModel, which: string): Paths {
  const path = `/v1/models/${segment(model.name)}${which}`;
  const id = `tensorflow.${model.name}${which.replaceAll('/', '.')}`;
  const verbs: readonly Verb[] = [
    'predict',
    ...(suits(classOutputs, model) ? (['classify'] as const) : []),
    ...(suits(regressOutput, model) ? (['regress'] as const) : []),
  ];
  return {
    [path]: { get: statusOperation(model, id) },
    [`${path}/metadata`]: { get: metadataOperation(model, id) },
    ...Object.fromEntries(
      verbs.map(verb => [`${path}:${verb}`, { post: verbOperations[verb](model, `${id}.${verb}`) }]),
    ),
  };
}

/** Whether a model has outputs of a kind. */
function suits(outputsOf: (model: ServedModel) => unknown, model: ServedModel): boolean {
  try {
    outputsOf(model);
    return true;
  } catch {
    return false;
  }
}

function statusOperation({ name }: ServedModel, id: string): JsonObject {
  const status = objectOf({
    version: { type: 'string' },
    state: { enum: ['START', 'LOADING', 'AVAILABLE', 'UNLOADING', 'END'] },
    status: objectOf({ error_code: { type: 'string' }, error_message: { type: 'string' } }),
  });
  return operation(tfservingSurface, {
    id: `${id}.status`,
    summary: `Where the versions of '${name}' stand`,
    answer: json(objectOf({ model_version_status: { type: 'array', items: status } })),
    asking: 'finding',
  });
}

function metadataOperation({ name }: ServedModel, id: string): JsonObject {
  const spec = objectOf({
    name: { const: name },
    signature_name: { type: 'string' },
    version: { type: 'string' },
  });
  return operation(tfservingSurface, {
    id: `${id}.metadata`,
    summary: `What '${name}' takes and gives`,
    answer: json(objectOf({ model_spec: spec, metadata: objectOf({ signature_def: { type: 'object' } }) })),
    asking: 'finding',
  });
}

const verbOperations = {
  predict: predictOperation,
  classify: (model: ServedModel, id: string) =>
    examplesOperation(model, id, {
      type: 'array',
      items: {
        type: 'array',
        items: { type: ['string', 'number'] },
        minItems: 2,
        maxItems: 2,
      },
    }),
  regress: (model: ServedModel, id: string) => examplesOperation(model, id, { type: 'number' }),
} as const;

type Verb = keyof typeof verbOperations;

function predictOperation(model: ServedModel, id: string): JsonObject {
  return operation(tfservingSurface, {
    id,
    summary: `Predict with '${model.name}', by rows or by columns`,
    body: { required: true, content: json(predictSchema(model), bareOrNamed(model)) },
    answer: json(predictionsSchema(model)),
    asking: 'predicting',
  });
}

function examplesOperation(model: ServedModel, id: string, result: Json): JsonObject {
  return operation(tfservingSurface, {
    id,
    summary: `Ask '${model.name}' by examples`,
    body: { required: true, content: json(examplesSchema(model)) },
    answer: json(objectOf({ results: { type: 'array', items: result } })),
    asking: 'predicting',
  });
}
