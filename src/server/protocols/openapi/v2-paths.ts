/** The Open Inference Protocol as a description has it. */
import type { Repository } from '../../models/repository.ts';
import type { ServedModel } from '../../models/signature.ts';
import { datatypes, type TensorSpec } from '../../tensors/tensor.ts';
import { plainError } from '../port.ts';
import { HEADER } from '../v2/binary.ts';
import { exampleTensors, flatZeros } from './example.ts';
import type { Json, JsonObject } from './json.ts';
import { json, objectOf, operation, type Paths, segment, surfaceOf } from './operation.ts';
import { anyElement, elementSchemas, flatSchema, nestedSchema } from './tensor-schema.ts';

export const v2Surface = surfaceOf({ error: plainError }, 'v2', 'Error');

const text: JsonObject = { type: 'string' };

/** Paths of the server, of the latest version of each name, and of every version. */
export function v2Paths(
  models: readonly ServedModel[],
  latest: readonly ServedModel[],
  { controlled, names }: { controlled: boolean; names: readonly string[] },
): Paths {
  const places = [
    ...latest.map(model => [model, ''] as const),
    ...models.map(model => [model, `/versions/${segment(model.version)}`] as const),
  ];
  return {
    ...serverPaths(),
    ...(Object.assign({}, ...places.map(([model, which]) => modelPaths(model, which))) as Paths),
    ...repositoryPaths(controlled ? names : []),
  };
}

function serverPaths(): Paths {
  const get = (id: string, summary: string, schema: Json): JsonObject => ({
    get: operation(v2Surface, { id: `v2.${id}`, summary, answer: json(schema), asking: 'asking' }),
  });
  const ready = objectOf({ live: { type: 'boolean' }, ready: { type: 'boolean' } });
  return {
    '/v2': get(
      'server',
      'What this server is and speaks',
      objectOf({ name: text, version: text, extensions: { type: 'array', items: text } }),
    ),
    '/v2/health/live': get('live', 'Whether the server runs', objectOf({ live: { type: 'boolean' } })),
    '/v2/health/ready': {
      get: operation(v2Surface, {
        id: 'v2.ready',
        summary: 'Whether every model is ready',
        answer: json(ready),
        asking: 'asking',
        others: { 503: { description: 'Not every model is ready yet.', content: json(ready) } },
      }),
    },
    '/v2/models/stats': get('stats', 'What every model has done since it was loaded', statistics),
  };
}

const duration = objectOf({
  count: { type: 'integer', minimum: 0 },
  ns: { type: 'integer', minimum: 0, description: 'Nanoseconds in all.' },
});

const compute = { compute_input: duration, compute_infer: duration, compute_output: duration };

const statistics = objectOf({
  model_stats: {
    type: 'array',
    items: objectOf({
      name: text,
      version: text,
      last_inference: { type: 'integer', description: 'Milliseconds since the epoch; 0 before the first.' },
      inference_count: { type: 'integer', description: 'Rows of requests that succeeded.' },
      execution_count: { type: 'integer', description: 'Runs of the model.' },
      inference_stats: objectOf({
        success: duration,
        fail: duration,
        queue: duration,
        ...compute,
        cache_hit: duration,
        cache_miss: duration,
      }),
      response_stats: { type: 'object' },
      batch_stats: { type: 'array', items: objectOf({ batch_size: { type: 'integer' }, ...compute }) },
      memory_usage: { type: 'array' },
    }),
  },
});

function modelPaths(model: ServedModel, which: string): Paths {
  const { name } = model;
  const path = `/v2/models/${segment(name)}${which}`;
  const id = `v2.${name}${which.replaceAll('/', '.')}`;
  const get = (about: string, summary: string, schema: Json): JsonObject => ({
    get: operation(v2Surface, { id: `${id}.${about}`, summary, answer: json(schema), asking: 'finding' }),
  });
  return {
    [path]: get('metadata', `What '${name}' takes and gives`, metadata(model)),
    [`${path}/ready`]: get(
      'ready',
      `Whether '${name}' is ready`,
      objectOf({ name: { const: name }, ready: { type: 'boolean' } }),
    ),
    [`${path}/config`]: get('config', `How '${name}' runs`, config(model)),
    [`${path}/stats`]: get('stats', `What '${name}' has done since it was loaded`, statistics),
    [`${path}/infer`]: { post: inferOperation(model, `${id}.infer`) },
  };
}

function metadata({ name }: ServedModel): JsonObject {
  const tensors = { type: 'array', items: objectOf({ name: text, datatype: { enum: datatypes }, shape }) };
  return objectOf({
    name: { const: name },
    versions: { type: 'array', items: text },
    platform: text,
    inputs: tensors,
    outputs: tensors,
  });
}

const shape: JsonObject = { type: 'array', items: { type: 'integer', minimum: -1 } };

function config({ name }: ServedModel): JsonObject {
  const tensors = { type: 'array', items: objectOf({ name: text, data_type: text, dims: shape }) };
  return objectOf({
    name: { const: name },
    platform: text,
    backend: text,
    max_batch_size: { type: 'integer', minimum: 0 },
    input: tensors,
    output: tensors,
  });
}

function inferOperation(model: ServedModel, id: string): JsonObject {
  const binary = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } };
  return operation(v2Surface, {
    id,
    summary: `Infer with '${model.name}'`,
    description: `Tensors may be sent and answered as bytes behind the JSON, whose length the header ${HEADER} then tells.`,
    parameters: [
      {
        name: 'Inference-Header-Content-Length',
        in: 'header',
        description: 'Bytes of JSON before those of tensors; 0 when the body is one tensor.',
        schema: { type: 'integer', minimum: 0 },
      },
    ],
    body: { required: true, content: { ...json(requestSchema(model), example(model)), ...binary } },
    answer: { ...json(responseSchema(model)), ...binary },
    asking: 'predicting',
  });
}

/** Scalars, but for the names that are not a client's to set. */
function parametersSchema(own: JsonObject): JsonObject {
  return {
    type: 'object',
    properties: { ...own, headers: false },
    patternProperties: { '^triton_': false, '^shared_memory_': false },
    additionalProperties: { type: ['string', 'number', 'boolean'] },
  };
}

const count: JsonObject = { type: 'integer', minimum: 0 };

function requestSchema({ signature }: ServedModel): JsonObject {
  const inputs = signature.inputs.map(inputSchema);
  const [only, second] = inputs;
  return {
    type: 'object',
    required: ['inputs'],
    properties: {
      id: text,
      parameters: parametersSchema({ binary_data_output: { type: 'boolean' } }),
      inputs: {
        type: 'array',
        items: only !== undefined && second === undefined ? only : { anyOf: inputs },
        minItems: inputs.length,
        maxItems: inputs.length,
      },
      outputs: {
        type: 'array',
        maxItems: signature.outputs.length,
        items: {
          type: 'object',
          required: ['name'],
          properties: {
            name: { enum: signature.outputs.map(({ name }) => name) },
            parameters: parametersSchema({ binary_data: { type: 'boolean' }, classification: count }),
          },
        },
      },
    },
  };
}

/** An input in JSON. Half precision has no form in it, and comes as bytes only. */
function inputSchema(spec: TensorSpec): JsonObject {
  const { name, datatype } = spec;
  const head = { name: { const: name }, datatype: { const: datatype }, shape: shapeSchema(spec) };
  if (datatype === 'FP16')
    return objectOf({
      ...head,
      parameters: { ...parametersSchema({ binary_data_size: count }), required: ['binary_data_size'] },
    });
  const element = elementSchemas[datatype];
  const data = { anyOf: [flatSchema(spec, element), nestedSchema(spec, element)] };
  const described = objectOf({ ...head, data: spec.shape.length === 0 ? flatSchema(spec, element) : data });
  return {
    ...described,
    properties: {
      ...(described['properties'] as JsonObject),
      parameters: parametersSchema({ binary_data_size: false }),
    },
  };
}

function shapeSchema({ shape: declared, unknownRank }: TensorSpec): JsonObject {
  if (unknownRank === true) return { type: 'array', items: count };
  const sizes = declared.map(size => (size === -1 ? count : { const: size }));
  const length = sizes.length;
  return { type: 'array', prefixItems: length === 0 ? undefined : sizes, minItems: length, maxItems: length };
}

/** An output may come as classes, or as bytes behind the JSON. */
function responseSchema({ name, version, signature }: ServedModel): JsonObject {
  const output = {
    type: 'object',
    required: ['name', 'datatype', 'shape'],
    properties: {
      name: { enum: signature.outputs.map(one => one.name) },
      datatype: { enum: [...new Set([...signature.outputs.map(({ datatype }) => datatype), 'BYTES'])] },
      shape,
      data: { type: 'array', items: anyElement },
      parameters: { type: 'object' },
    },
  };
  return {
    type: 'object',
    required: ['model_name', 'model_version', 'outputs'],
    properties: {
      id: text,
      model_name: { const: name },
      model_version: { type: 'string', examples: [version] },
      outputs: { type: 'array', items: output },
    },
  };
}

function example(model: ServedModel): Json | undefined {
  if (model.signature.inputs.some(({ datatype }) => datatype === 'FP16')) return undefined;
  return exampleTensors(model) === undefined
    ? undefined
    : {
        inputs: (exampleTensors(model) ?? []).map(one => ({
          name: one.spec.name,
          datatype: one.spec.datatype,
          shape: one.shape,
          data: flatZeros(one),
        })),
      };
}

/** The index, and loading and unloading where clients may. */
function repositoryPaths(names: readonly string[]): Paths {
  const states: readonly IndexState[] = ['READY', 'LOADING', 'UNLOADING', 'UNAVAILABLE'];
  const entry = {
    type: 'object',
    required: ['name'],
    properties: { name: text, version: text, state: { enum: states }, reason: text },
  };
  const body = { type: 'object', properties: { ready: { type: 'boolean' } } };
  return {
    '/v2/repository/index': {
      post: operation(v2Surface, {
        id: 'v2.repository.index',
        summary: 'Every model there is',
        body: { required: false, content: json(body, { ready: true }) },
        answer: json({ type: 'array', items: entry }),
        asking: 'reading',
      }),
    },
    ...Object.fromEntries(names.flatMap(name => [loadPath(name), unloadPath(name)])),
  };
}

type IndexState = ReturnType<Repository['index']>[number]['state'];

function loadPath(name: string): readonly [string, JsonObject] {
  const body = { type: 'object', properties: { parameters: { type: 'object', maxProperties: 0 } } };
  return [
    `/v2/repository/models/${segment(name)}/load`,
    {
      post: operation(v2Surface, {
        id: `v2.repository.${name}.load`,
        summary: `Load '${name}' from where it lies now; until that is done, what there was goes on`,
        body: { required: false, content: json(body) },
        asking: 'loading',
      }),
    },
  ];
}

function unloadPath(name: string): readonly [string, JsonObject] {
  const parameters = {
    type: 'object',
    properties: { unload_dependents: { type: 'boolean' } },
    additionalProperties: false,
  };
  return [
    `/v2/repository/models/${segment(name)}/unload`,
    {
      post: operation(v2Surface, {
        id: `v2.repository.${name}.unload`,
        summary: `Take '${name}' out of service`,
        body: { required: false, content: json({ type: 'object', properties: { parameters } }) },
        asking: 'loading',
      }),
    },
  ];
}
