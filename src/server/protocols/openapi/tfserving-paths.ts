/** TensorFlow Serving's REST API as a description has it. */
import type { VersionLabel } from '../../models/directory.ts';
import type { ServedModel } from '../../models/signature.ts';
import { elementCount, type TensorSpec } from '../../tensors/tensor.ts';
import { classOutputs, regressOutput } from '../tfserving/classification.ts';
import { tfserving } from '../tfserving/routes.ts';
import { exampleTensors, nestedZeros } from './example.ts';
import type { Json, JsonObject } from './json.ts';
import { json, objectOf, operation, type Paths, segment, surfaceOf } from './operation.ts';
import { answerSchema, elementSchemas, nestedSchema, rowOf } from './tensor-schema.ts';

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

const signatureName: JsonObject = { enum: ['', 'serving_default'] };

function predictOperation(model: ServedModel, id: string): JsonObject {
  const { outputs } = model.signature;
  return operation(tfservingSurface, {
    id,
    summary: `Predict with '${model.name}', by rows or by columns`,
    body: { required: true, content: json(predictSchema(model), example(model)) },
    answer: json({
      anyOf: [
        objectOf({
          predictions: { type: 'array', items: unlessOne(outputs, spec => outputSchema(rowOf(spec))) },
        }),
        objectOf({ outputs: unlessOne(outputs, outputSchema) }),
      ],
    }),
    asking: 'predicting',
  });
}

/** What one tensor is by itself; several are members of an object. */
function unlessOne(specs: readonly TensorSpec[], schemaOf: (spec: TensorSpec) => JsonObject): JsonObject {
  const [only, second] = specs;
  if (only !== undefined && second === undefined) return schemaOf(only);
  return objectOf(Object.fromEntries(specs.map(spec => [spec.name, schemaOf(spec)])));
}

/** Strings of outputs whose names end so are bytes. */
function outputSchema(spec: TensorSpec): JsonObject {
  return spec.name.endsWith('_bytes') ? answerSchema(spec, encoded) : answerSchema(spec);
}

const encoded: JsonObject = {
  ...objectOf({
    b64: {
      type: 'string',
      contentEncoding: 'base64',
      pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$',
    },
  }),
  additionalProperties: false,
};

function element({ datatype }: TensorSpec): Json {
  return datatype === 'BYTES' ? { anyOf: [elementSchemas.BYTES, encoded] } : elementSchemas[datatype];
}

function predictSchema({ signature }: ServedModel): JsonObject {
  const { inputs } = signature;
  return {
    type: 'object',
    properties: {
      signature_name: signatureName,
      instances: instancesSchema(inputs),
      inputs: columnsSchema(inputs),
    },
    oneOf: [{ required: ['instances'] }, { required: ['inputs'] }],
  };
}

/** A list of rows, as many as the inputs say if they say it. */
function rowsOf(inputs: readonly TensorSpec[]): JsonObject {
  const size = inputs.find(({ shape }) => shape[0] !== -1)?.shape[0];
  return { type: 'array', minItems: size ?? 1, maxItems: size };
}

/** Rows: of one input its elements, or objects by name, whose keys are just the inputs. */
function instancesSchema(inputs: readonly TensorSpec[]): Json {
  if (inputs.some(({ shape }) => shape.length === 0)) return false;
  const rows = rowsOf(inputs);
  const named = Object.fromEntries(inputs.map(spec => [spec.name, nestedSchema(rowOf(spec), element(spec))]));
  const objects = { ...rows, items: { ...objectOf(named), additionalProperties: false } };
  const [only, second] = inputs;
  if (only === undefined || second !== undefined) return objects;
  return { anyOf: [{ ...rows, items: nestedSchema(rowOf(only), element(only)) }, objects] };
}

/** Columns: one input's tensor by itself, or tensors by name; other names are passed over. */
function columnsSchema(inputs: readonly TensorSpec[]): Json {
  const named = objectOf(
    Object.fromEntries(inputs.map(spec => [spec.name, nestedSchema(spec, element(spec))])),
  );
  const [only, second] = inputs;
  return only !== undefined && second === undefined
    ? { anyOf: [nestedSchema(only, element(only)), named] }
    : named;
}

function example(model: ServedModel): Json | undefined {
  const tensors = exampleTensors(model);
  if (tensors === undefined) return undefined;
  const [only, second] = tensors;
  const inputs =
    only !== undefined && second === undefined
      ? nestedZeros(only)
      : Object.fromEntries(tensors.map(one => [one.spec.name, nestedZeros(one)]));
  return { inputs };
}

function examplesOperation(model: ServedModel, id: string, result: Json): JsonObject {
  const { inputs } = model.signature;
  const properties = Object.fromEntries(inputs.map(spec => [spec.name, featureSchema(spec)]));
  const all = { required: Object.keys(properties), properties };
  return operation(tfservingSurface, {
    id,
    summary: `Ask '${model.name}' by examples`,
    body: {
      required: true,
      content: json({
        type: 'object',
        required: ['examples'],
        properties: {
          signature_name: signatureName,
          context: { type: 'object', description: 'Features of all examples that have not their own.' },
          examples: { ...rowsOf(inputs), items: { type: 'object', properties } },
        },
        anyOf: [
          { properties: { examples: { items: all } } },
          { required: ['context'], properties: { context: all } },
        ],
      }),
    },
    answer: json(objectOf({ results: { type: 'array', items: result } })),
    asking: 'predicting',
  });
}

/** A feature's values in one list, or a single one by itself. */
function featureSchema(spec: TensorSpec): JsonObject {
  const { shape, unknownRank } = rowOf(spec);
  const values = element(spec);
  if (unknownRank === true || shape.includes(-1))
    return { anyOf: [{ type: 'array', items: values }, values] };
  const count = elementCount(shape);
  const list: JsonObject = { type: 'array', items: values, minItems: count, maxItems: count };
  return count === 1 ? { anyOf: [list, values] } : list;
}
