import type { ModelService, PythonOptions, Served } from '#spec';
import { interpreterAt } from './python-model.ts';

interface Runtime {
  readonly python?: PythonOptions | undefined;
}

/** A service whose interpreters are named by absolute paths, where they are named by paths: those of its file start at `base`. */
export function anchored(service: ModelService, base: string): ModelService {
  const { spec } = service;
  const { candidate } = spec;
  return {
    ...service,
    spec: {
      ...spec,
      ...servedAt(spec, base),
      runtime: runtimeAt(spec.runtime, base),
      ...(candidate && { candidate: { ...candidate, ...servedAt(candidate, base) } }),
    },
  };
}

function servedAt({ model, models }: Served, base: string): Pick<Served, 'model' | 'models'> {
  const at = <T extends { readonly runtime?: Runtime | undefined }>(one: T): T =>
    one.runtime === undefined ? one : { ...one, runtime: runtimeAt(one.runtime, base) };
  return { ...(model && { model: at(model) }), ...(models && { models: models.map(at) }) };
}

function runtimeAt<T extends Runtime>(runtime: T, base: string): T {
  const { python } = runtime;
  if (python?.interpreter === undefined) return runtime;
  return { ...runtime, python: { ...python, interpreter: interpreterAt(python.interpreter, base) } };
}
