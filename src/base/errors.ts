/**
 * The one catalogue of what can go wrong. An entry says what a caller may do (`retry`), how each edge words it
 * (`status` over HTTP, `exit` on the command line), and how to mend it (`hint`). `docs/errors.md` is generated from it.
 */

/** Whether the same call may succeed: at once, after a while, or never unchanged. */
export type Retry = 'now' | 'later' | 'never';

/** Exit codes: 1 the answer is no, 2 the input is wrong, 3 the surroundings are. */
export type ExitCode = 1 | 2 | 3;

interface Entry<F> {
  /** The documentation's sentence: when this happens. */
  readonly meaning: string;
  readonly status: number;
  readonly exit: ExitCode;
  readonly retry: Retry;
  readonly message: (facts: F) => string;
  readonly hint?: string;
}

/** A place in a request body: member names and indices from the top. */
export type Place = readonly (string | number)[];

const define = <F>(entry: Entry<F>): Entry<F> => entry;

export const catalogue = {
  // What a client sends.
  body_malformed: define<{ offset: number; problem: string }>({
    meaning: 'The request body is not valid JSON.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ offset, problem }) => `the body is not valid JSON: ${problem} at byte ${offset}`,
  }),
  message_malformed: define<{ problem: string; offset?: number }>({
    meaning:
      'A gRPC message is not valid protobuf, or a field of it has another type than its protocol says.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ problem, offset }) =>
      `the message is not valid protobuf: ${problem}${offset === undefined ? '' : ` at byte ${offset}`}`,
  }),
  body_cut: define<Readonly<Record<string, never>>>({
    meaning: 'The connection ended before the whole body had arrived.',
    status: 400,
    exit: 2,
    retry: 'now',
    message: () => 'the body ended before all of it had arrived',
  }),
  client_gone: define<Readonly<Record<string, never>>>({
    meaning: 'The client closed the connection before its answer was ready; nobody reads this answer.',
    status: 499,
    exit: 2,
    retry: 'now',
    message: () => 'the client left before its answer was ready',
  }),
  body_too_large: define<{ limit: number }>({
    meaning: 'The request body is larger than the server accepts.',
    status: 413,
    exit: 2,
    retry: 'never',
    message: ({ limit }) => `the body is larger than the limit of ${limit} bytes`,
    hint: 'send fewer rows a request, or raise the limit with --max-body',
  }),
  body_too_slow: define<{ seconds: number }>({
    meaning: 'The request did not arrive whole within the time the server allows.',
    status: 408,
    exit: 2,
    retry: 'later',
    message: ({ seconds }) => `the request did not arrive within ${seconds} seconds`,
  }),
  encoding_unsupported: define<{ encoding: string }>({
    meaning: 'The body has a Content-Encoding the server does not decode.',
    status: 415,
    exit: 2,
    retry: 'never',
    message: ({ encoding }) => `the Content-Encoding '${encoding}' is not supported`,
    hint: 'send the body with gzip or deflate, or as it is',
  }),
  encoding_malformed: define<{ encoding: string; problem: string }>({
    meaning: 'The body is not what its Content-Encoding says, or not all of it.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ encoding, problem }) => `the body is not valid ${encoding}: ${problem}`,
    hint: 'leave the Content-Encoding header out for a body that is sent as it is',
  }),
  headers_too_large: define<{ limit: number; most: number }>({
    meaning: "The request's headers or trailers are larger, or more, than the server accepts.",
    status: 431,
    exit: 2,
    retry: 'never',
    message: ({ limit, most }) =>
      `the headers are larger than the limit of ${limit} bytes, or more than ${most}`,
  }),
  http_malformed: define<{ problem: string }>({
    meaning: 'What arrived on the connection is not an HTTP request.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ problem }) => `this is not a valid HTTP request: ${problem}`,
  }),
  rpc_malformed: define<{ problem: string }>({
    meaning: 'What arrived in a gRPC call is not a sequence of gRPC messages.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ problem }) => `this is not a valid gRPC call: ${problem}`,
  }),
  http_version_unknown: define<Readonly<Record<string, never>>>({
    meaning: 'The request is of a version of HTTP other than 1.0 and 1.1, which is all this port speaks.',
    status: 505,
    exit: 2,
    retry: 'never',
    message: () => 'this version of HTTP is not spoken here; use HTTP/1.1',
  }),
  transfer_coding_unknown: define<{ coding: string }>({
    meaning: 'The request has a Transfer-Encoding other than chunked.',
    status: 501,
    exit: 2,
    retry: 'never',
    message: ({ coding }) => `the transfer coding '${coding}' is not known`,
    hint: 'send the body in chunks or with its length, and name its compression in Content-Encoding',
  }),
  input_invalid: define<{ problem: string; at: Place; kind?: string }>({
    meaning:
      'The body is valid JSON but not a valid prediction request for this model: a member, name, type, shape or value is wrong.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ problem }) => problem,
  }),
  path_unknown: define<{ path: string }>({
    meaning: 'The server has nothing at this path.',
    status: 404,
    exit: 2,
    retry: 'never',
    message: ({ path }) => `there is nothing at ${path}`,
  }),
  method_not_allowed: define<{ method: string; path: string; allow: string }>({
    meaning: 'The path exists but not for this HTTP method; `Allow` names the right ones.',
    status: 405,
    exit: 2,
    retry: 'never',
    message: ({ method, allow }) => `the method ${method} is not allowed here; use ${allow}`,
  }),
  model_unknown: define<{ name: string }>({
    meaning: 'The server does not serve a model of this name.',
    status: 404,
    exit: 2,
    retry: 'never',
    message: ({ name }) => `Request for unknown model: '${name}' is not found`,
  }),
  version_unknown: define<{ name: string; version: string }>({
    meaning: 'The server serves the model but not this version of it.',
    status: 404,
    exit: 2,
    retry: 'never',
    message: ({ name, version }) => `Request for unknown model: '${name}' version ${version} is not found`,
  }),
  service_unknown: define<{ service: string }>({
    meaning: "A gRPC health check asks for a service that the server does not have; '' is the server itself.",
    status: 404,
    exit: 2,
    retry: 'never',
    message: ({ service }) => `there is no service '${service}' here`,
  }),
  load_failed: define<{ name: string; problem: string }>({
    meaning: 'A model could not be loaded by request; what there was of its name goes on.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ name, problem }) => `failed to load '${name}', ${problem}`,
  }),
  control_forbidden: define<Readonly<Record<string, never>>>({
    meaning: 'The server does not let clients load and unload models.',
    status: 403,
    exit: 2,
    retry: 'never',
    message: () =>
      'loading and unloading by request is off; start the server with --model-control to allow it',
  }),
  feature_missing: define<{ feature: string }>({
    meaning: 'The protocol has this, and this server has not.',
    status: 501,
    exit: 2,
    retry: 'never',
    message: ({ feature }) => `${feature} is not implemented`,
  }),
  // What the server's state forbids.
  model_not_ready: define<{ name: string; version: string }>({
    meaning: 'The model is still loading or warming up.',
    status: 503,
    exit: 3,
    retry: 'later',
    message: ({ name }) => `the model '${name}' is not ready yet`,
  }),
  model_unavailable: define<{ name: string; version: string; problem: string }>({
    meaning:
      'The model is loaded when it is asked for, and its load failed; after a pause the next request tries again.',
    status: 503,
    exit: 3,
    retry: 'later',
    message: ({ name, problem }) => `the model '${name}' could not be loaded: ${problem}`,
  }),
  model_too_large: define<{ name: string; bytes: number; limit: number; floor: number }>({
    meaning: "The model does not fit in the server's memory budget, even if it were the only one.",
    status: 507,
    exit: 3,
    retry: 'never',
    message: ({ name, bytes, limit, floor }) =>
      `the model '${name}' of ${bytes} bytes does not fit in the memory budget of ${limit} bytes, of which the server itself takes ${floor}`,
    hint: 'allow more memory, or serve the model elsewhere',
  }),
  memory_too_small: define<{ limit: number; floor: number }>({
    meaning: 'The memory budget leaves no room for any model.',
    status: 507,
    exit: 3,
    retry: 'never',
    message: ({ limit, floor }) =>
      `the memory budget of ${limit} bytes has no room for any model: the server itself takes ${floor}`,
    hint: 'allow more memory',
  }),
  expectation_unknown: define<{ expected: string }>({
    meaning: 'The request has an Expect header other than 100-continue.',
    status: 417,
    exit: 2,
    retry: 'never',
    message: ({ expected }) => `the expectation '${expected}' is not known; leave the Expect header out`,
  }),
  overloaded: define<{ limit: string }>({
    meaning: 'As much is in flight as the server accepts; `Retry-After` says when to try again.',
    status: 503,
    exit: 3,
    retry: 'later',
    message: ({ limit }) => `the server is at its limit of ${limit}`,
    hint: 'retry after a pause, add replicas, or raise --max-in-flight',
  }),
  deadline_unreachable: define<{ seconds: number; wait: number }>({
    meaning:
      'What waits already takes longer than the request has; it was refused at once. `Retry-After` says when to try again.',
    status: 429,
    exit: 3,
    retry: 'later',
    message: ({ seconds, wait }) =>
      `the request has ${seconds} seconds, and an answer would take ${wait} now`,
    hint: 'retry after a pause, allow more time, or add replicas',
  }),
  queue_full: define<{ model: string; limit: string }>({
    meaning: 'As much waits for the model as its queue may hold; `Retry-After` says when to try again.',
    status: 429,
    exit: 3,
    retry: 'later',
    message: ({ model, limit }) => `the queue of model '${model}' is at its limit of ${limit}`,
    hint: 'retry after a pause, or add replicas',
  }),
  draining: define<Readonly<Record<string, never>>>({
    meaning: 'The server is shutting down and takes no new requests.',
    status: 503,
    exit: 3,
    retry: 'now',
    message: () => 'the server is shutting down',
  }),
  deadline_exceeded: define<{ seconds: number }>({
    meaning:
      'The request was not answered in the time that it, or the server, allows; it did not run, or its answer came too late.',
    status: 504,
    exit: 3,
    retry: 'later',
    message: ({ seconds }) => `the request was not answered within ${seconds} seconds`,
  }),
  inference_failed: define<{ problem: string }>({
    meaning: 'The model itself failed on this input.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ problem }) => problem,
  }),
  output_not_text: define<{ index: number }>({
    meaning: 'An output string is not UTF-8, which JSON cannot carry; a binary protocol can.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ index }) =>
      `element ${index} of an output is not UTF-8 text, which JSON cannot carry; ask for binary data, or use gRPC`,
  }),
  internal: define<{ problem: string }>({
    meaning: 'A fault of fairlead itself. Please report it with the log line of this request.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ problem }) => `internal error: ${problem}`,
  }),
  upstream_unavailable: define<{ service: string; problem: string }>({
    meaning: 'The gateway has no healthy server for the request, or the connection to it failed twice.',
    status: 503,
    exit: 3,
    retry: 'later',
    message: ({ service, problem }) => `no healthy server of '${service}' answered: ${problem}`,
  }),
  // What a person types or writes.
  usage_invalid: define<{ problem: string }>({
    meaning: 'The command line is wrong.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ problem }) => problem,
    hint: 'see `fairlead --help`, or `fairlead VERB --help` for examples',
  }),
  spec_invalid: define<{ file: string; issues: readonly string[] }>({
    meaning: 'The service file has faults; each is listed with its path, line and column.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ file, issues }) =>
      `${file} has ${issues.length === 1 ? 'a fault' : `${issues.length} faults`}:\n${issues.map(issue => `  ${issue}`).join('\n')}`,
    hint: '`fairlead schema` prints what a file may hold',
  }),
  file_missing: define<{ path: string; purpose: string }>({
    meaning: 'A path on the command line or in the service file names nothing that can be read.',
    status: 404,
    exit: 2,
    retry: 'never',
    message: ({ path, purpose }) => `${path}: ${purpose} is not there`,
    hint: 'check the spelling',
  }),
  file_unreadable: define<{ path: string; problem: string }>({
    meaning: 'A file is there but cannot be read.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem }) => `${path} cannot be read: ${problem}`,
  }),
  // Artifacts and surroundings.
  uri_unsupported: define<{ uri: string; scheme: string }>({
    meaning: 'The model URI has a scheme that this version cannot fetch.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ uri, scheme }) => `${uri}: the scheme '${scheme}' is not supported`,
    hint: 'use a path or a file:// URI; a file with a colon in its name is written ./a:b.onnx',
  }),
  model_ambiguous: define<{ path: string; found: string }>({
    meaning: 'A folder does not say which model file to serve.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ path, found }) => `${path} is not a model folder: ${found}`,
    hint: 'name an .onnx file, a folder with one .onnx file, or a folder of numbered version folders',
  }),
  repository_invalid: define<{ path: string; problem: string }>({
    meaning: 'What configures a model repository, or a model of it, cannot be served as it is.',
    status: 400,
    exit: 2,
    retry: 'never',
    message: ({ path, problem }) => `${path} cannot be served: ${problem}`,
    hint: '`fairlead explain` shows what a repository holds, and what of it is served',
  }),
  model_invalid: define<{ path: string; problem: string }>({
    meaning: 'The model file is not a valid model of its format.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem }) => `${path} is not a valid ONNX model: ${problem}`,
    hint: 'export the model again, and check that the file was copied whole',
  }),
  warmup_failed: define<{ model: string; sample: string; problem: string }>({
    meaning: 'The model failed on data that it must answer before it is ready (`model_warmup`).',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ model, sample, problem }) =>
      `the model '${model}' fails on its warm-up sample '${sample}': ${problem}`,
    hint: 'correct the sample or the model, or leave the sample out',
  }),
  model_unsupported: define<{ path: string; problem: string; remedy: string }>({
    meaning:
      'The model is valid but uses something that cannot be served, such as an INT4, bfloat16 or map output.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ path, problem, remedy }) => `${path} cannot be served: ${problem}; ${remedy}`,
  }),
  runtime_missing: define<{ runtime: string; problem: string }>({
    meaning: 'The library that executes this kind of model is not installed or does not load here.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ runtime, problem }) => `the ${runtime} runtime does not load: ${problem}`,
    hint: 'install it beside fairlead: `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node`',
  }),
  provider_missing: define<{ provider: string; problem: string; there: string }>({
    meaning:
      'The execution provider that a model is to run by is not in the installed ONNX Runtime, or does not start on this machine.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ provider, problem, there }) =>
      `ONNX Runtime cannot run by the provider '${provider}' here: ${problem} (built with ${there})`,
    hint: 'use the provider cpu, or install an onnxruntime-node that has this one: for cuda and tensorrt `npm install onnxruntime-node --onnxruntime-node-install=cuda12`, with the driver and libraries they need',
  }),
  port_taken: define<{ address: string }>({
    meaning: 'Another process listens on the address.',
    status: 500,
    exit: 3,
    retry: 'later',
    message: ({ address }) => `${address} is in use by another process`,
    hint: 'choose another with --port or --grpc-port, or 0 for any free one',
  }),
  listen_failed: define<{ address: string; problem: string }>({
    meaning: 'The server cannot listen on the address.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ address, problem }) => `cannot listen on ${address}: ${problem}`,
    hint: 'choose an address of this machine with --host, and a port you may use with --port or --grpc-port',
  }),
  output_failed: define<{ problem: string }>({
    meaning: 'What a command prints cannot be written, to a full disk for example.',
    status: 500,
    exit: 3,
    retry: 'never',
    message: ({ problem }) => `the output cannot be written: ${problem}`,
  }),
  server_failed: define<{ revision: string; problem: string }>({
    meaning: 'A server process ended before it was ready.',
    status: 500,
    exit: 3,
    retry: 'later',
    message: ({ revision, problem }) => `the server of ${revision} did not become ready: ${problem}`,
  }),
} as const;

type Catalogue = typeof catalogue;
export type ErrorCode = keyof Catalogue;
export type Facts<C extends ErrorCode> = Parameters<Catalogue[C]['message']>[0];

/** What I/O and border readers throw, and every edge translates. `facts` are for programs, `message` for people. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, facts: object, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts as Readonly<Record<string, unknown>>;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  get exit(): ExitCode {
    return catalogue[this.code].exit;
  }

  get retry(): Retry {
    return catalogue[this.code].retry;
  }

  get hint(): string | undefined {
    return (catalogue[this.code] as Entry<never>).hint;
  }
}

/** Makes the error of a catalogue code, with the facts its message needs. */
export function failure<C extends ErrorCode>(code: C, facts: Facts<C>, cause?: unknown): AppError {
  const entry = catalogue[code] as unknown as Entry<Facts<C>>;
  const message = entry.message(facts);
  const clipped = message.length > MOST_MESSAGE ? `${message.slice(0, MOST_MESSAGE)}…` : message;
  const { stackTraceLimit } = Error;
  if (isEveryday(entry)) Error.stackTraceLimit = 0;
  const error = new AppError(code, clipped, facts, cause);
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}

/** A client's fault, or too much at once: nobody reads where that was found, and a stack costs ten times what is left. */
function isEveryday({ status, retry }: Pick<Entry<never>, 'status' | 'retry'>): boolean {
  return status < 500 || retry === 'later';
}

/** Messages quote what clients send, and go into answers and logs: none is longer than this. Characters. */
const MOST_MESSAGE = 8000;

/** Turns whatever was thrown into an AppError; what is not from the catalogue is a fault of ours. */
export function asAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return failure('internal', { problem: messageOf(thrown) }, thrown);
}

/** The message of anything thrown, for facts that quote another library. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  // An object may have no text, or throw when asked for it; wording an error must not be another one.
  return typeof thrown === 'object' && thrown !== null ? 'a thrown object' : String(thrown);
}
