/** The Open Inference Protocol as a description has it, but for infer and the repository. */
import type { ServedModel } from '../../models/signature.ts';
import { datatypes } from '../../tensors/tensor.ts';
import type { Json, JsonObject } from './json.ts';
import { json, objectOf, operation, type Paths, segment } from './operation.ts';
import { repositoryPaths } from './v2-control.ts';
import { inferOperation } from './v2-infer.ts';
import { text, v2Surface } from './v2-surface.ts';

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

const statistics: JsonObject = { $ref: '#/components/schemas/Statistics' };

const duration = objectOf({
  count: { type: 'integer', minimum: 0 },
  ns: { type: 'integer', minimum: 0, description: 'Nanoseconds in all.' },
});

const compute = { compute_input: duration, compute_infer: duration, compute_output: duration };

/** Named in the components: every model's are alike. */
export const statisticsSchema = objectOf({
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
