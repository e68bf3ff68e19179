import type { AppError } from '#base';
import { percentDecoded } from '#base';
import type { ModelIdentity } from '#spec';
import type { Entry, VersionLabel } from '../models/directory.ts';
import type { InferRequest, ServedModel } from '../models/signature.ts';
import type { Tensor } from '../tensors/tensor.ts';

/** An answer over HTTP, before the listener adds its own headers. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  /** One body, perhaps in pieces. */
  readonly body: string | readonly (string | Uint8Array)[];
  /** Names and values of more headers, in turn. */
  readonly headers?: readonly string[];
}

/** What a server says it is. */
export interface ServerIdentity {
  readonly name: string;
  readonly version: string;
}

/** What a request brought: a body or a message, and the headers that came with it, by their names in lower case. */
export interface Content {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The address it came from, where that is asked for. */
  readonly peer?: string | undefined;
}

/** Which model a path means. Without a name it is the only one there is; without a version, the latest. */
export interface Target {
  readonly name?: string;
  readonly version?: string;
  /** In place of a version: one that the server was told to know by this word. */
  readonly label?: string;
}

/**
 * The models there are, as protocols may ask. All throw `model_unknown`, `version_unknown` or `model_not_ready`, and
 * `input_invalid` for a label that nothing has.
 */
export interface Models {
  /** Which model a target means, whether it is ready or not. */
  identify(target: Target): ModelIdentity;
  /** The model to answer with. */
  find(target: Target): ServedModel;
  /** Nothing where a prediction would be answered, by a model that is loaded or one that would be for it. */
  check(target: Target): void;
  /** Every version of a name, with whether it is ready. */
  versions(name: string): readonly { readonly version: string; readonly ready: boolean }[];
  /** Every model that is ready. */
  running(): readonly ServedModel[];
  /** Names that may stand in place of versions. */
  readonly labels: readonly VersionLabel[];
  /** Another number after each change of what is above. */
  readonly generation: number;
  /** Every version there is or was, and where it stands. */
  entries(): readonly Entry<ServedModel>[];
  /** Whether every model is ready. */
  ready(): boolean;
}

/** A decoded prediction. */
export interface Decoded<F> {
  readonly request: InferRequest;
  /** What wording the answer needs to know of the question: plain data, since it may cross threads. */
  readonly form: F;
}

/** What there is to tell of a prediction. */
export interface Answered {
  readonly model: ServedModel;
  /** In the signature's order. */
  readonly outputs: readonly Tensor[];
  /** Since the request began to arrive. */
  readonly seconds: number;
}

/**
 * Predictions of one protocol: from its words into internal requests, and back. Pure, and without state. `C` is what it
 * reads, `R` what it answers with, and `F` what the answer needs to know of the question.
 */
export interface Translator<F = unknown, R = Reply, C = Content> {
  /** By which another thread finds it. */
  readonly name: string;
  /** Throws `body_malformed`, `message_malformed` or `input_invalid`. */
  decode(content: C, model: ServedModel): Decoded<F>;
  answer(form: F, answered: Answered): R;
  /** Where in a body the bytes of tensors begin, if they do: there, memory should be such that numbers can be viewed. */
  tensorsAt?(headers: Content['headers']): number | undefined;
  /** Bytes of text in what is to be read; all of them where this is left out. */
  textOf?(content: C): number;
  /** Whether an output goes out as text; each does where this is left out. */
  isText?(form: F, position: number): boolean;
}

/** What a path and method mean. */
export type Action =
  | { readonly kind: 'answer'; readonly reply: (models: Models) => Reply }
  | { readonly kind: 'predict'; readonly target: Target; readonly translator: Translator }
  | { readonly kind: 'manage'; readonly reply: (content: Content) => Reply | Promise<Reply> };

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

/** A path that only predicts. */
export function post(target: Target, translator: Translator): Methods {
  return { POST: { kind: 'predict', target, translator } };
}

/** A path that does something to the server, which may take its time. */
export function manage(reply: Extract<Action, { kind: 'manage' }>['reply']): Methods {
  return { POST: { kind: 'manage', reply } };
}

/** An error in the form that most protocols have: `{"error": …}`. */
export function plainError({ status, message }: AppError): Reply {
  return json(status, JSON.stringify({ error: message }));
}

/** A segment of a path as the name it stands for; undefined when it cannot be one. */
export function decodeName(segment: string | undefined): string | undefined {
  const name = segment === undefined ? undefined : percentDecoded(segment);
  return name === undefined || /[/\0]/.test(name) ? undefined : name;
}
