import { resolve } from 'node:path';
import type { ModelService, PythonOptions, Served } from '#spec';
import { policyAt } from './anchored-policy.ts';
import { serverAt } from './anchored-server.ts';
import { interpreterAt } from './python-model.ts';

type Spec = ModelService['spec'];

interface Runtime {
  readonly python?: PythonOptions | undefined;
}

/** A service whose programs and files are named by absolute paths: those of its file start at `base`. */
export function anchored(service: ModelService, base: string): ModelService {
  const { spec } = service;
  const { candidate, server, capacity, policy } = spec;
  return {
    ...service,
    spec: {
      ...spec,
      ...servedAt(spec, base),
      runtime: foreignAt(runtimeAt(spec.runtime, base), base),
      server: serverAt(server, base),
      ...(policy && { policy: policyAt(policy, base) }),
      ...(capacity && { capacity: capacityAt(capacity, base) }),
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

/** A command of one's own starts beside its file, where nothing else is said. */
function foreignAt(runtime: Spec['runtime'], base: string): Spec['runtime'] {
  const { triton, tensorflowServing: serving, custom } = runtime;
  const { batching } = serving ?? {};
  return {
    ...runtime,
    ...(triton && { triton: programAt(triton, base) }),
    ...(serving && {
      tensorflowServing: {
        ...programAt(serving, base),
        ...(batching !== undefined && { batching: resolve(base, batching) }),
      },
    }),
    ...(custom && { custom: { ...custom, folder: resolve(base, custom.folder ?? '.') } }),
  };
}

function programAt<T extends { readonly program?: string | undefined }>(options: T, base: string): T {
  const { program } = options;
  return program === undefined ? options : { ...options, program: interpreterAt(program, base) };
}

/** The file that tells that the machine is taken away. */
function capacityAt(capacity: NonNullable<Spec['capacity']>, base: string): NonNullable<Spec['capacity']> {
  const notice = capacity.spot?.notice;
  if (notice?.file === undefined) return capacity;
  return { spot: { ...capacity.spot, notice: { ...notice, file: resolve(base, notice.file) } } };
}
