/**
 * The one table of who may ask for what. What it does not know of a protocol that it knows is for administrators: a new
 * route is closed until somebody writes it here. Paths of no known protocol are a custom server's, and predict.
 */

/** What credentials are for. */
export type Permission = 'predict' | 'admin';

/** Probes need these, and have no credentials. Only just these texts: whoever writes them otherwise is no probe. */
const OPEN_PATHS: ReadonlySet<string> = new Set([
  '/health',
  '/health/live',
  '/v2/health/live',
  '/v2/health/ready',
]);

/** The first that matches counts; servers may take upper case for lower. */
const PATHS: readonly (readonly [RegExp, Permission])[] = [
  [/^\/$/, 'admin'],
  [/^\/(?:fairlead|metrics|monitoring)(?:\/|$)/i, 'admin'],
  [/^\/v2\/?$/i, 'predict'],
  [/^\/v2\/models\/stats\/?$/i, 'admin'],
  [
    /^\/v2\/models\/[^/]+(?:\/versions\/[^/]+)?(?:\/(?:ready|infer|config|generate|generate_stream))?\/?$/i,
    'predict',
  ],
  [/^\/v2(?:\/|$)/i, 'admin'],
];

/** What a path needs, without its query; undefined where it is open to all. */
export function permissionOf(path: string): Permission | undefined {
  if (OPEN_PATHS.has(path)) return undefined;
  return isOfAdmin(path) || (UNUSUAL.test(path) && isOfAdmin(canonical(path))) ? 'admin' : 'predict';
}

function isOfAdmin(path: string): boolean {
  return PATHS.find(([pattern]) => pattern.test(path))?.[1] === 'admin';
}

/** What a server may take for other text than is written. */
const UNUSUAL = /[%\\;]|\/\/|\/\.{1,2}(?:\/|$)/;

/**
 * A path as the most lenient of servers would read it. It counts beside the path as written, which others go by, so that
 * neither finds an administrator's path where none is seen here.
 */
function canonical(path: string): string {
  const segments: string[] = [];
  for (const written of decoded(path).split(/[/\\]+/)) {
    const [segment = ''] = written.split(';', 1);
    if (segment === '..') segments.pop();
    else if (segment !== '.' && segment !== '') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

function decoded(path: string): string {
  return path.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const OPEN_CALLS: ReadonlySet<string> = new Set([
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/List',
  '/grpc.health.v1.Health/Watch',
  '/inference.GRPCInferenceService/ServerLive',
  '/inference.GRPCInferenceService/ServerReady',
]);

const PREDICT_CALLS: ReadonlySet<string> = new Set([
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
  '/inference.GRPCInferenceService/ModelConfig',
  '/inference.GRPCInferenceService/ModelInfer',
  '/inference.GRPCInferenceService/ModelMetadata',
  '/inference.GRPCInferenceService/ModelReady',
  '/inference.GRPCInferenceService/ModelStreamInfer',
  '/inference.GRPCInferenceService/ServerMetadata',
  '/tensorflow.serving.ModelService/GetModelStatus',
  '/tensorflow.serving.PredictionService/Classify',
  '/tensorflow.serving.PredictionService/GetModelMetadata',
  '/tensorflow.serving.PredictionService/MultiInference',
  '/tensorflow.serving.PredictionService/Predict',
  '/tensorflow.serving.PredictionService/Regress',
]);

/** Packages of the protocols that are known. */
const KNOWN_CALLS = /^\/(?:grpc|inference|tensorflow)\./;

/** What a call needs, by its path `/package.Service/Method`; undefined where it is open to all. */
export function permissionOfCall(path: string): Permission | undefined {
  if (OPEN_CALLS.has(path)) return undefined;
  return PREDICT_CALLS.has(path) || !KNOWN_CALLS.test(path) ? 'predict' : 'admin';
}
