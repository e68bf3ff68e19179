/** The Open Inference Protocol (KServe V2) over REST with JSON tensors. Error texts are Triton's where clients know them. */
import { failure } from '#base';
import type { Repository } from '../../models/repository.ts';
import type { ServedModel } from '../../models/signature.ts';
import { shown } from '../../tensors/shown.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import {
  decodeName,
  get,
  json,
  type Methods,
  type Protocol,
  post,
  type Reply,
  type ServerIdentity,
} from '../port.ts';
import { modelConfig } from './config.ts';
import { inferTranslator } from './infer.ts';
import { repositoryRoute } from './repository.ts';
import { statisticsText } from './statistics.ts';
import { wordsOf } from './words.ts';

export interface V2Options {
  readonly identity: ServerIdentity;
  readonly repository: Repository;
}

/** What is spoken beyond the protocol's core, by the names that its extensions have. */
export function extensionsOf({ controlled }: Repository): readonly string[] {
  const always = ['classification', 'model_configuration', 'binary_tensor_data', 'parameters', 'statistics'];
  return controlled ? [...always, 'model_repository'] : always;
}

export function v2(options: V2Options): Protocol {
  const { identity, repository } = options;
  const fixed: Readonly<Record<string, Methods>> = {
    '/v2': get(() => json(200, JSON.stringify({ ...identity, extensions: extensionsOf(repository) }))),
    '/v2/health/live': get(() => json(200, '{"live":true}')),
    '/v2/health/ready': get(models => health(models.ready())),
    '/v2/models/stats': get(() => json(200, statisticsText(repository.statistics()))),
  };
  return {
    name: 'v2',
    owns: path => path === '/v2' || path.startsWith('/v2/'),
    route(path) {
      const methods =
        fixed[path === '/v2/' ? '/v2' : path] ??
        modelRoute(path, options) ??
        repositoryRoute(path, repository);
      if (methods !== undefined) return methods;
      if (SHARED_MEMORY.test(path)) throw failure('feature_missing', { feature: 'shared memory' });
      throw failure('path_unknown', { path: shown(path) });
    },
    error: error => json(error.status, JSON.stringify({ error: wordsOf(error) })),
  };
}

const SHARED_MEMORY = /^\/v2\/(?:system|cuda)sharedmemory\//;

function health(ready: boolean): Reply {
  return json(ready ? 200 : 503, `{"live":true,"ready":${ready}}`);
}

const MODEL = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer|config|stats))?$/;

function modelRoute(path: string, options: V2Options): Methods | undefined {
  const match = MODEL.exec(path);
  const name = decodeName(match?.[1]);
  const version = decodeName(match?.[2]);
  if (match === null || name === undefined || (match[2] !== undefined && version === undefined))
    return undefined;
  const target = { name, ...(version !== undefined && { version }) };
  if (match[3] === 'infer') return post(target, inferTranslator);
  return aboutRoute(target, match[3], options);
}

/** What is told of a model: its metadata where nothing else is asked. */
function aboutRoute(
  target: { readonly name: string; readonly version?: string },
  about: string | undefined,
  { repository }: V2Options,
): Methods {
  const { name, version } = target;
  if (about === 'ready')
    return get(models => (models.check(target), json(200, `{"name":${JSON.stringify(name)},"ready":true}`)));
  if (about === 'config') return get(models => json(200, JSON.stringify(modelConfig(models.find(target)))));
  if (about === 'stats') return get(() => json(200, statisticsText(repository.statistics(target))));
  return get(models => {
    const model = models.find(target);
    const ready = models.versions(name).filter(one => one.ready);
    return json(200, metadata(model, version === undefined ? ready.map(one => one.version) : [version]));
  });
}

function metadata(model: ServedModel, versions: readonly string[]): string {
  const { name, platform, signature } = model;
  const inputs = signature.inputs.map(tensorMetadata);
  const outputs = signature.outputs.map(tensorMetadata);
  const properties = propertiesOf(model);
  return JSON.stringify({
    name,
    versions,
    platform,
    inputs,
    outputs,
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
  });
}

/** OIP's `properties` of a model: its digest, and where it was fetched from. */
export function propertiesOf({ origin = {} }: ServedModel): readonly (readonly [string, string])[] {
  return Object.entries(origin);
}

function tensorMetadata({ name, datatype, shape }: TensorSpec): object {
  return { name, datatype, shape };
}
