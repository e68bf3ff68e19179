import { resolve } from 'node:path';
import { type AuthOptions, isKeyFile, type ModelService, type PythonOptions, type Served } from '#spec';
import { interpreterAt } from './python-model.ts';

interface Runtime {
  readonly python?: PythonOptions | undefined;
}

/** A service whose programs and files are named by absolute paths: those of its file start at `base`. */
export function anchored(service: ModelService, base: string): ModelService {
  const { spec } = service;
  const { candidate, server } = spec;
  return {
    ...service,
    spec: {
      ...spec,
      ...servedAt(spec, base),
      runtime: foreignAt(runtimeAt(spec.runtime, base), base),
      ...(server.auth && { server: { ...server, auth: authAt(server.auth, base) } }),
      ...(candidate && { candidate: { ...candidate, ...servedAt(candidate, base) } }),
    },
  };
}

/** Who may ask for what, by files that are named by absolute paths. */
export function authAt({ predict, admin }: AuthOptions, base: string): AuthOptions {
  return {
    ...(predict && { predict: credentialsAt(predict, base) }),
    ...(admin && { admin: credentialsAt(admin, base) }),
  };
}

function credentialsAt(
  { keys, jwt }: NonNullable<AuthOptions['predict']>,
  base: string,
): NonNullable<AuthOptions['predict']> {
  return {
    ...(keys && { keys: { ...keys, file: resolve(base, keys.file) } }),
    ...(jwt && { jwt: isKeyFile(jwt.jwks) ? { ...jwt, jwks: resolve(base, jwt.jwks) } : jwt }),
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
function foreignAt(runtime: ModelService['spec']['runtime'], base: string): ModelService['spec']['runtime'] {
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
