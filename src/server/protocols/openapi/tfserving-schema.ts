/** The bodies of TensorFlow Serving's REST API as JSON Schema. */
import type { ServedModel } from '../../models/signature.ts';
import { elementCount, type TensorSpec } from '../../tensors/tensor.ts';
import type { Json, JsonObject } from './json.ts';
import { objectOf } from './operation.ts';
import { answerSchema, elementSchemas, nestedSchema, rowOf } from './tensor-schema.ts';

const signatureName: JsonObject = { enum: ['', 'serving_default'] };

/** Rows or columns. */
export function predictSchema({ signature }: ServedModel): JsonObject {
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

/** In the form of the question. */
export function predictionsSchema({ signature }: ServedModel): JsonObject {
  const { outputs } = signature;
  const rows = { type: 'array', items: unlessOne(outputs, spec => outputSchema(rowOf(spec))) };
  return {
    anyOf: [objectOf({ predictions: rows }), objectOf({ outputs: unlessOne(outputs, outputSchema) })],
  };
}

/** What `:classify` and `:regress` take. */
export function examplesSchema({ signature }: ServedModel): JsonObject {
  const { inputs } = signature;
  const properties = Object.fromEntries(inputs.map(spec => [spec.name, featureSchema(spec)]));
  const all = { required: Object.keys(properties), properties };
  return {
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
  };
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
