/** The description of a server's REST interface: OpenAPI 3.1, made of the models that are ready. */
import { compareVersions, type VersionLabel } from '../../models/directory.ts';
import type { ServedModel } from '../../models/signature.ts';
import { plainError, type ServerIdentity } from '../port.ts';
import type { Json, JsonObject } from './json.ts';
import { json, objectOf, operation, type Paths, surfaceOf } from './operation.ts';
import { plainPaths, plainSurface } from './plain-paths.ts';
import { tfservingPaths, tfservingSurface } from './tfserving-paths.ts';
import { statisticsSchema, v2Paths } from './v2-paths.ts';
import { v2Surface } from './v2-surface.ts';

export interface Described {
  readonly identity: ServerIdentity;
  /** Those that are ready. */
  readonly models: readonly ServedModel[];
  /** All that may be loaded. */
  readonly names: readonly string[];
  readonly labels: readonly VersionLabel[];
  /** Whether clients may load and unload. */
  readonly controlled: boolean;
}

export function document({ identity, models, names, labels, controlled }: Described): JsonObject {
  const latest = latestOf(models);
  const paths: Paths = {
    ...plainPaths(latest, names.length === 1),
    ...tfservingPaths(models, latest, labels),
    ...v2Paths(models, latest, { controlled, names }),
    ...operationsPaths,
  };
  return {
    openapi: '3.1.0',
    info: { title: identity.name, version: identity.version, summary: 'A model server.' },
    servers: [{ url: '/' }],
    tags: [
      { name: 'predict', description: 'The plain protocol.' },
      { name: 'tensorflow-serving', description: "TensorFlow Serving's REST API." },
      { name: 'v2', description: 'The Open Inference Protocol, and extensions of it.' },
      { name: 'operations', description: 'Health, metrics, and this description.' },
    ],
    paths,
    components: {
      schemas: { Error: errorSchema, Detail: detailSchema, Statistics: statisticsSchema },
      responses,
    },
  };
}

/** The latest version of each name. */
function latestOf(models: readonly ServedModel[]): readonly ServedModel[] {
  const order = models.toSorted((a, b) => compareVersions(a.version, b.version));
  return [...new Map(order.map(model => [model.name, model])).values()];
}

const errorSchema = objectOf({ error: { type: 'string' } });

/** FastAPI's forms. */
const detailSchema: Json = objectOf({
  detail: {
    anyOf: [
      { type: 'string' },
      {
        type: 'array',
        items: objectOf({
          loc: { type: 'array', items: { type: ['string', 'integer'] } },
          msg: { type: 'string' },
          type: { type: 'string' },
        }),
      },
    ],
  },
});

const surface = surfaceOf({ error: plainError }, 'operations', 'Error');
const health = json(objectOf({ status: { enum: ['ok', 'loading', 'draining'] } }));

const responses = Object.assign(
  {},
  ...[plainSurface, tfservingSurface, v2Surface, surface].map(one => one.components),
) as JsonObject;

const operationsPaths: Paths = {
  '/health': {
    get: operation(surface, {
      id: 'health',
      summary: 'Every model is loaded and warm',
      answer: health,
      asking: 'asking',
      others: {
        503: { description: 'Models are loading, or the server is shutting down.', content: health },
      },
    }),
  },
  '/health/live': {
    get: operation(surface, { id: 'live', summary: 'The server runs', answer: health, asking: 'asking' }),
  },
  '/metrics': {
    get: operation(surface, {
      id: 'metrics',
      summary: "Metrics in Prometheus' text format",
      answer: { 'text/plain; version=0.0.4; charset=utf-8': { schema: { type: 'string' } } },
      asking: 'asking',
    }),
  },
  '/openapi.json': {
    get: operation(surface, {
      id: 'openapi',
      summary: 'This description',
      answer: json(objectOf({ openapi: { const: '3.1.0' } })),
      asking: 'asking',
    }),
  },
};
