/** TensorFlow Serving's REST API: status, metadata, `:predict`, `:classify` and `:regress`. Texts are TensorFlow Serving's. */
import type { AppError } from '#base';
import { shown } from '../../tensors/shown.ts';
import {
  decodeName,
  get,
  json,
  type Methods,
  type Models,
  type Protocol,
  post,
  type Reply,
  type Target,
  type Translator,
} from '../port.ts';
import { metadataReply } from './metadata.ts';
import { predictTranslator } from './predict.ts';
import { classifyTranslator, regressTranslator } from './results.ts';
import { noVersions, versionStatuses } from './status.ts';
import { wordsOf } from './words.ts';

/** Patterns ignore case here, and here only, since TensorFlow Serving's do. */
const NO_MODEL = /^\/v1\/models(?:\/(?:versions\/\d+|labels\/[^/:]+)(?:\/metadata)?)?$/i;
const PATH =
  /^\/v1\/models\/([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?::(predict|classify|regress)|\/(metadata))?$/i;

/** Versions are 64-bit integers. */
const MOST_VERSION = 2n ** 63n - 1n;

export const tfserving: Protocol = {
  name: 'tfserving',
  owns: path => /^\/v1(?:\/|$)/i.test(path),
  route: path => routeOf(path) ?? {},
  error: (error: AppError) => {
    const { code, facts, status } = error;
    // TensorFlow Serving knows no 404 or 405 for paths: what its pattern does not match is a malformed request. So is the
    // preflight of a browser, unless the server is told to let pages of other origins in.
    if (code === 'method_not_allowed')
      return failed(400, `Malformed request: ${String(facts['method'])} ${String(facts['path'])}`);
    return failed(status, wordsOf(error));
  },
};

function failed(status: number, message: string): Reply {
  return json(status, JSON.stringify({ error: message }));
}

function routeOf(path: string): Methods | undefined {
  if (NO_MODEL.test(path)) return get(() => failed(400, 'Missing model name in request.'));
  const [, model, version, label, verb, about] = PATH.exec(path) ?? [];
  if (version !== undefined && BigInt(version) > MOST_VERSION) return noNumber(version, verb);
  const target = targetOf(model, version, label);
  if (target === undefined) return undefined;
  if (verb !== undefined) return post(target, translators[verb.toLowerCase() as keyof typeof translators]);
  return get(models =>
    about === undefined ? statusReply(models, target) : metadataReply(models.find(target)),
  );
}

/** The model that the segments of a path mean; undefined when one that is a name cannot be decoded. */
function targetOf(model: string | undefined, version?: string, word?: string): Target | undefined {
  const name = decodeName(model);
  if (name === undefined) return undefined;
  if (version !== undefined) return { name, version: String(BigInt(version)) };
  if (word === undefined) return { name };
  const label = decodeName(word);
  return label === undefined ? undefined : { name, label };
}

const translators = {
  predict: predictTranslator,
  classify: classifyTranslator,
  regress: regressTranslator,
} as const satisfies Readonly<Record<string, Translator>>;

function noNumber(version: string, verb: string | undefined): Methods {
  const reply = (): Reply => failed(400, `Failed to convert version: ${shown(version)} to numeric.`);
  return verb === undefined ? get(reply) : { POST: { kind: 'answer', reply } };
}

function statusReply(models: Models, target: Target): Reply {
  const statuses = versionStatuses(models, target);
  if (statuses.length === 0) return failed(404, noVersions(target));
  const list = statuses.map(({ version, state, code, message }) => ({
    version,
    state,
    status: { error_code: code, error_message: message },
  }));
  return json(200, JSON.stringify({ model_version_status: list }));
}
