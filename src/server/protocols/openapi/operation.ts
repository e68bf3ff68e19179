/** Operations: what may be asked at a path, and everything that may be answered. */
import { AppError, catalogue, type ErrorCode } from '#base';
import type { Protocol } from '../port.ts';
import type { Json, JsonObject } from './json.ts';

/** Paths with their operations. */
export type Paths = Readonly<Record<string, JsonObject>>;

export interface Surface {
  readonly protocol: Pick<Protocol, 'error'>;
  readonly tag: string;
  /** The schema of its errors. */
  readonly errors: string;
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
  /** What else may come beside what any request may meet. */
  readonly fails?: readonly ErrorCode[];
  /** Answers of other statuses that are no errors. */
  readonly others?: JsonObject;
}

/** What any request may meet. */
const ANY: readonly ErrorCode[] = [
  'http_malformed',
  'body_too_slow',
  'expectation_unknown',
  'headers_too_large',
  'internal',
];

/** What a request with a body may meet besides. */
export const READING: readonly ErrorCode[] = [
  'body_malformed',
  'body_cut',
  'body_too_large',
  'encoding_unsupported',
  'input_invalid',
  'overloaded',
  'draining',
];

/** What asking for a model may meet. */
export const FINDING: readonly ErrorCode[] = ['model_unknown', 'version_unknown', 'model_not_ready'];

/** What a prediction may meet. */
export const PREDICTING: readonly ErrorCode[] = [
  ...READING,
  ...FINDING,
  'inference_failed',
  'output_not_text',
  'deadline_exceeded',
];

export function operation(surface: Surface, parts: OperationParts): JsonObject {
  const { id, summary, description, parameters, body, answer, fails = [], others } = parts;
  return {
    operationId: id,
    tags: [surface.tag],
    summary,
    description,
    parameters,
    requestBody: body === undefined ? undefined : { ...body },
    responses: {
      200: { description: summary, content: answer },
      ...errorResponses(surface, [...ANY, ...fails]),
      ...others,
    },
  };
}

/** An answer for each status that the codes have, as the protocol has it. */
function errorResponses({ protocol, errors }: Surface, codes: readonly ErrorCode[]): JsonObject {
  const byStatus = new Map<string, ErrorCode[]>();
  for (const code of codes) {
    const { status } = protocol.error(new AppError(code, '', {}));
    byStatus.set(String(status), [...(byStatus.get(String(status)) ?? []), code]);
  }
  const content = json({ $ref: `#/components/schemas/${errors}` });
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      { description: list.map(code => catalogue[code].meaning).join(' '), content },
    ]),
  );
}

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
