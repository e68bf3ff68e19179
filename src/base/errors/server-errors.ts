/** What a server's state forbids, and what goes wrong while it answers. */
import { define } from './entry.ts';

export const serverErrors = {
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
  restart_needed: define<{ field: string; problem: string }>({
    meaning: 'An edit of a service file changes what is fixed while a service runs.',
    status: 409,
    exit: 2,
    retry: 'never',
    message: ({ field, problem }) => `${field} ${problem} while the service runs`,
    hint: 'stop it and start it again',
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
} as const;
