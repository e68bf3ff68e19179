/** The Open Inference Protocol (KServe V2) over REST with JSON tensors. Error texts are Triton's where clients know them. */
import { failure } from '#base';
import type { ServedModel } from '../../models/signature.ts';
import { shown } from '../../tensors/shown.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import {
  decodeName,
  get,
  json,
  type Methods,
  type Protocol,
  plainError,
  post,
  type Reply,
  type Target,
} from '../port.ts';
import { inferTranslator } from './infer.ts';

/** Says what `GET /v2` says of the server. */
export interface ServerIdentity {
  readonly name: string;
  readonly version: string;
}

/** What is spoken beyond the protocol's core, by the names that its extensions have. */
const extensions = ['classification', 'binary_tensor_data', 'parameters'];

export function v2(server: ServerIdentity): Protocol {
  const fixed: Readonly<Record<string, Methods>> = {
    '/v2': get(() => json(200, JSON.stringify({ ...server, extensions }))),
    '/v2/health/live': get(() => json(200, '{"live":true}')),
    '/v2/health/ready': get(models => health(models.ready())),
  };
  return {
    name: 'v2',
    owns: path => path === '/v2' || path.startsWith('/v2/'),
    route(path) {
      const methods = fixed[path === '/v2/' ? '/v2' : path] ?? modelRoute(path);
      if (methods === undefined) throw failure('path_unknown', { path: shown(path) });
      return methods;
    },
    error: plainError,
  };
}

function health(ready: boolean): Reply {
  return json(ready ? 200 : 503, `{"live":true,"ready":${ready}}`);
}

function modelRoute(path: string): Methods | undefined {
  const match = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?(?:\/(ready|infer))?$/.exec(path);
  const name = decodeName(match?.[1]);
  const version = decodeName(match?.[2]);
  if (match === null || name === undefined || (match[2] !== undefined && version === undefined))
    return undefined;
  const target: Target = { name, ...(version !== undefined && { version }) };
  if (match[3] === 'infer') return post(target, inferTranslator);
  if (match[3] === 'ready')
    return get(models => (models.find(target), json(200, `{"name":${JSON.stringify(name)},"ready":true}`)));
  return get(models => {
    const model = models.find(target);
    const versions =
      version === undefined
        ? models
            .versions(name)
            .filter(({ ready }) => ready)
            .map(one => one.version)
        : [version];
    return json(200, metadata(model, versions));
  });
}

function metadata({ name, platform, signature }: ServedModel, versions: readonly string[]): string {
  const inputs = signature.inputs.map(tensorMetadata);
  const outputs = signature.outputs.map(tensorMetadata);
  return JSON.stringify({ name, versions, platform, inputs, outputs });
}

function tensorMetadata({ name, datatype, shape }: TensorSpec): object {
  return { name, datatype, shape };
}
