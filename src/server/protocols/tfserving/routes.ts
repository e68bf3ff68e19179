/** TensorFlow Serving's REST API: status, metadata and `:predict` in row and column form. Texts are TensorFlow Serving's. */
import type { AppError } from '#base';
import type { ServedModel } from '../../models/signature.ts';
import { shown } from '../../tensors/shown.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';
import {
  decodeName,
  json,
  type Methods,
  type Models,
  type Protocol,
  post,
  type Reply,
  type Target,
} from '../port.ts';
import { predictTranslator } from './predict.ts';

/** Patterns ignore case here, and here only, since TensorFlow Serving's do. */
const ALL_MODELS = /^\/v1\/models$/i;
const PATH =
  /^\/v1\/models\/([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?::(predict|classify|regress)|\/(metadata))?$/i;

/** Versions are 64-bit integers. */
const MOST_VERSION = 2n ** 63n - 1n;

export const tfserving: Protocol = {
  name: 'tfserving',
  owns: path => /^\/v1(?:\/|$)/i.test(path),
  route: path => routeOf(path) ?? {},
  error: ({ code, facts, status, message }: AppError) => {
    // TensorFlow Serving knows no 404 or 405 for paths: what its pattern does not match is a malformed request.
    if (code === 'method_not_allowed')
      return failed(400, `Malformed request: ${String(facts['method'])} ${String(facts['path'])}`);
    if (code === 'model_unknown')
      return failed(404, `Servable not found for request: Latest(${String(facts['name'])})`);
    if (code === 'version_unknown')
      return failed(
        404,
        `Servable not found for request: Specific(${String(facts['name'])}, ${String(facts['version'])})`,
      );
    if (code === 'body_malformed') return failed(400, `JSON Parse error: ${message}`);
    return failed(status, message);
  },
};

function failed(status: number, message: string): Reply {
  return json(status, JSON.stringify({ error: message }));
}

function routeOf(path: string): Methods | undefined {
  if (ALL_MODELS.test(path)) return get(() => failed(400, 'Missing model name in request.'));
  const match = PATH.exec(path);
  const name = decodeName(match?.[1]);
  if (match === null || name === undefined) return undefined;
  const [, , version, label, verb, about] = match;
  if (label !== undefined) return everyMethod(() => unknownLabel(name, label));
  if (version !== undefined && BigInt(version) > MOST_VERSION)
    return everyMethod(() => failed(400, `Failed to convert version: ${shown(version)} to numeric.`));
  const target: Target = { name, ...(version !== undefined && { version: String(BigInt(version)) }) };
  return verb === undefined ? aboutRoute(target, about !== undefined) : verbRoute(target, verb);
}

function verbRoute(target: Target, verb: string): Methods {
  if (verb.toLowerCase() === 'predict') return post(target, predictTranslator);
  return { POST: { kind: 'answer', reply: () => noSignature(verb) } };
}

function aboutRoute(target: Target, whole: boolean): Methods {
  return get(models => (whole ? metadata(models.find(target)) : versionStatus(models, target)));
}

function get(reply: (models: Models) => Reply): Methods {
  return { GET: { kind: 'answer', reply } };
}

function everyMethod(reply: () => Reply): Methods {
  return { GET: { kind: 'answer', reply }, POST: { kind: 'answer', reply } };
}

function noSignature(verb: string): Reply {
  return failed(
    501,
    `:${verb} needs a classification or regression signature, which ONNX models do not have`,
  );
}

function unknownLabel(name: string, label: string): Reply {
  return failed(400, `Unrecognized servable version label: ${shown(label)} (model ${shown(name)})`);
}

function versionStatus(models: Models, { name = '', version }: Target): Reply {
  const versions = models.versions(name).filter(one => version === undefined || one.version === version);
  if (versions.length === 0) {
    const which = version === undefined ? 'any versions' : `version ${shown(version)}`;
    return failed(404, `Could not find ${which} of model ${shown(name)}`);
  }
  const list = versions.map(one => ({
    version: one.version,
    state: one.ready ? 'AVAILABLE' : 'LOADING',
    status: { error_code: 'OK', error_message: '' },
  }));
  return json(200, JSON.stringify({ model_version_status: list }));
}

const dtypes: Readonly<Record<TensorSpec['datatype'], string>> = {
  BOOL: 'DT_BOOL',
  UINT8: 'DT_UINT8',
  UINT16: 'DT_UINT16',
  UINT32: 'DT_UINT32',
  UINT64: 'DT_UINT64',
  INT8: 'DT_INT8',
  INT16: 'DT_INT16',
  INT32: 'DT_INT32',
  INT64: 'DT_INT64',
  FP16: 'DT_HALF',
  FP32: 'DT_FLOAT',
  FP64: 'DT_DOUBLE',
  BYTES: 'DT_STRING',
};

function metadata({ name, version, signature }: ServedModel): Reply {
  const serving_default = {
    inputs: Object.fromEntries(signature.inputs.map(tensorInfo)),
    outputs: Object.fromEntries(signature.outputs.map(tensorInfo)),
    method_name: 'tensorflow/serving/predict',
    defaults: {},
  };
  const model_spec = { name, signature_name: '', version };
  return json(
    200,
    JSON.stringify({ model_spec, metadata: { signature_def: { signature_def: { serving_default } } } }),
  );
}

/** 64-bit numbers are strings, as protobuf's JSON writes them. */
function tensorInfo({ name, datatype, shape }: TensorSpec): [string, object] {
  const dim = shape.map(size => ({ size: String(size), name: '' }));
  return [name, { dtype: dtypes[datatype], tensor_shape: { dim, unknown_rank: false }, name: `${name}:0` }];
}
