/** Operations: what may be asked at a path, and everything that may be answered. */
import { AppError, catalogue, type ErrorCode } from '#base';
import type { Protocol } from '../port.ts';
import type { Json, JsonObject } from './json.ts';

/** Paths with their operations. */
export type Paths = Readonly<Record<string, JsonObject>>;

/** What a request may meet. */
const ANY: readonly ErrorCode[] = [
  'http_malformed',
  'body_too_slow',
  'expectation_unknown',
  'headers_too_large',
  'http_version_unknown',
  'transfer_coding_unknown',
  'internal',
];

const FINDING: readonly ErrorCode[] = ['model_unknown', 'version_unknown', 'model_not_ready'];

const READING: readonly ErrorCode[] = [
  'body_malformed',
  'body_cut',
  'body_too_large',
  'encoding_unsupported',
  'input_invalid',
  'overloaded',
  'draining',
];

const RUNNING: readonly ErrorCode[] = [
  'queue_full',
  'deadline_unreachable',
  'deadline_exceeded',
  'inference_failed',
  'output_not_text',
];

/** What may go wrong, by what is asked. */
const faults = {
  asking: ANY,
  /** Something of a model. */
  finding: [...ANY, ...FINDING],
  /** With a body. */
  reading: [...ANY, ...READING],
  predicting: [...ANY, ...READING, ...FINDING, ...RUNNING],
  loading: [...ANY, ...READING, 'load_failed', 'model_not_ready', 'deadline_exceeded'],
} as const satisfies Readonly<Record<string, readonly ErrorCode[]>>;

export type Asking = keyof typeof faults;

/** A protocol, as operations need it. */
export interface Surface {
  readonly tag: string;
  /** References to what may go wrong, by status. */
  readonly responses: Readonly<Record<Asking, JsonObject>>;
  /** What they refer to. */
  readonly components: JsonObject;
}

/** The errors of a protocol, worded as its own. `errors` is the name of their schema. */
export function surfaceOf({ error }: Pick<Protocol, 'error'>, tag: string, errors: string): Surface {
  const components: Record<string, JsonObject> = {};
  const content = json({ $ref: `#/components/schemas/${errors}` });
  const responsesOf = (asking: Asking): JsonObject => {
    const statuses = Map.groupBy(faults[asking], code => error(new AppError(code, '', {})).status);
    const named = [...statuses].map(([status, codes]) => {
      const name = `${tag}.${asking}.${status}`;
      components[name] = { description: codes.map(code => catalogue[code].meaning).join(' '), content };
      return [status, { $ref: `#/components/responses/${name}` }] as const;
    });
    return Object.fromEntries(named);
  };
  const all = Object.keys(faults) as Asking[];
  const responses = Object.fromEntries(all.map(asking => [asking, responsesOf(asking)]));
  return { tag, responses: responses as Surface['responses'], components };
}

export interface OperationParts {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Json[];
  /** Request bodies by their type. */
  readonly body?: { readonly required: boolean; readonly content: JsonObject };
  /** Good answers by their type; none when they are empty. */
  readonly answer?: JsonObject;
  readonly asking: Asking;
  /** Answers of other statuses that are no errors. */
  readonly others?: JsonObject;
}

export function operation(surface: Surface, parts: OperationParts): JsonObject {
  const { id, summary, description, parameters, body, answer, asking, others } = parts;
  return {
    operationId: id,
    tags: [surface.tag],
    summary,
    description,
    parameters: asking === 'predicting' ? [...(parameters ?? []), ...terms] : parameters,
    requestBody: body === undefined ? undefined : { ...body },
    responses: {
      200: { description: summary, content: answer },
      ...surface.responses[asking],
      ...others,
    },
  };
}

/** Headers that every prediction may have. */
const terms: readonly Json[] = [
  {
    name: 'x-deadline-ms',
    in: 'header',
    description: 'Milliseconds from the arrival of the request to its answer, at most.',
    schema: { type: 'string', pattern: '^[0-9]{1,10}([.][0-9]{1,6})?$', example: '500' },
  },
  {
    name: 'x-priority',
    in: 'header',
    description: 'From 1, the most urgent, where the model has more than one level.',
    schema: { type: 'string', pattern: '^0*[1-9][0-9]{0,8}$', maxLength: 10, example: '1' },
  },
];

export function json(schema: Json, example?: Json): JsonObject {
  return { 'application/json': { schema, example } };
}

/** An object of which all members are there, and perhaps others. */
export function objectOf(properties: JsonObject): JsonObject {
  return { type: 'object', required: Object.keys(properties), properties };
}

/** A part of a path. */
export function segment(name: string): string {
  return encodeURIComponent(name);
}
