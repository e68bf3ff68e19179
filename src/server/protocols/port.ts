import type { AppError } from '#base';
import type { InferRequest, ServedModel } from '../models/signature.ts';
import type { Tensor } from '../tensors/tensor.ts';

/** An answer over HTTP, before the listener adds its own headers. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Which model a path means. Without a name it is the only one there is; without a version, the latest. */
export interface Target {
  readonly name?: string;
  readonly version?: string;
}

/** The models there are, as protocols may ask. All throw `model_unknown`, `version_unknown` or `model_not_ready`. */
export interface Models {
  /** The model to answer with. */
  find(target: Target): ServedModel;
  /** Every version of a name, with whether it is ready. */
  versions(name: string): readonly { readonly version: string; readonly ready: boolean }[];
  /** Whether every model is ready. */
  ready(): boolean;
}

/** A decoded prediction, and how to word its answer. */
export interface Prediction {
  readonly request: InferRequest;
  /** `outputs` are in the signature's order; `seconds` passed since the request began to arrive. */
  readonly reply: (outputs: readonly Tensor[], seconds: number) => Reply;
}

/** What a path and method mean. */
export type Action =
  | { readonly kind: 'answer'; readonly reply: (models: Models) => Reply }
  | {
      readonly kind: 'predict';
      readonly target: Target;
      decode(body: Buffer, model: ServedModel): Prediction;
    };

/** What a path means for each method it has. A method that is missing is refused in the protocol's own way. */
export type Methods = Readonly<Partial<Record<'GET' | 'POST', Action>>>;

/** A protocol translates: paths and bodies in, internal requests out, and back. It knows nothing of sockets. */
export interface Protocol {
  readonly name: string;
  /** Whether a path is this protocol's to answer, if only with an error in its own words. */
  owns(path: string): boolean;
  /** What a path of its own means. Throws `path_unknown`. */
  route(path: string): Methods;
  /** Words an error. */
  error(error: AppError): Reply;
}

export function json(status: number, body: string): Reply {
  return { status, type: 'application/json', body };
}

/** A path that only answers. */
export function get(reply: Extract<Action, { kind: 'answer' }>['reply']): Methods {
  return { GET: { kind: 'answer', reply } };
}

/** An error in the form that most protocols have: `{"error": …}`. */
export function plainError({ status, message }: AppError): Reply {
  return json(status, JSON.stringify({ error: message }));
}

/** A segment of a path as the name it stands for; undefined when it cannot be one. */
export function decodeName(segment: string | undefined): string | undefined {
  if (segment === undefined) return undefined;
  try {
    const name = decodeURIComponent(segment);
    return /[/\0]/.test(name) ? undefined : name;
  } catch {
    // A broken escape names nothing.
    return undefined;
  }
}
