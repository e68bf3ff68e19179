/** A gRPC client that others wrote, for the interfaces in proto/. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';

const INFERENCE = 'inference.GRPCInferenceService';

export interface Contents {
  readonly [field: `${string}_contents`]: readonly unknown[];
}

/** A tensor in a message; sizes are strings in answers, as 64-bit numbers are. */
export interface TensorMessage {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly (number | bigint | string)[];
  readonly contents?: Contents | null;
}

export interface InferMessage {
  readonly model_name: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly inputs: readonly TensorMessage[];
  readonly raw_input_contents?: readonly Buffer[];
}

export interface InferReply {
  readonly model_name: string;
  readonly model_version: string;
  readonly id: string;
  readonly outputs: readonly TensorMessage[];
  readonly raw_output_contents: readonly Buffer[];
}

export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** From now, milliseconds; 30 s otherwise, so that a server that hangs fails the case. */
  readonly deadlineMs?: number;
}

/** How a status is expected: its code, and what its message says. */
export interface Refusal {
  readonly code: keyof typeof status | readonly (keyof typeof status)[];
  readonly says?: RegExp;
}

type Method = MethodDefinition<object, object>;
const methods: ReadonlyMap<string, Method> = loadMethods();

export class Rpc {
  readonly #client: Client;
  readonly address: string;

  constructor(address: string, options: Readonly<Record<string, number>> = {}) {
    this.address = address;
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.use_local_subchannel_pool': 1,
      ...options,
    });
  }

  /** A unary call; a name without a service is the inference service's. Rejects with a `ServiceError`. */
  call<T>(name: string, request: object, options: CallOptions = {}): Promise<T> {
    const method = methodOf(name);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadataOf(options),
        { deadline: deadlineOf(options) },
        (error, reply) => (error === null ? resolve(reply as T) : reject(error)),
      );
    });
  }

  /** A unary call of any path, with bytes for messages. */
  callRaw(path: string, message: Buffer): Promise<Buffer | undefined> {
    const same = (bytes: Buffer): Buffer => bytes;
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, same, same, message, (error, reply) =>
        error === null ? resolve(reply) : reject(error),
      );
    });
  }

  stream(name: string, options: CallOptions = {}): ClientDuplexStream<object, object> {
    const { path, requestSerialize, responseDeserialize } = methodOf(name);
    const call = { deadline: deadlineOf(options) };
    return this.#client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      metadataOf(options),
      call,
    );
  }

  watch(name: string, request: object): ClientReadableStream<object> {
    const { path, requestSerialize, responseDeserialize } = methodOf(name);
    const call = { deadline: deadlineOf({}) };
    return this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, call);
  }

  /** Asserts that a call fails with one of the codes. */
  async refuse(name: string, request: object, { code, says }: Refusal): Promise<void> {
    const codes = [code].flat();
    const error = await refusalOf(this.call(name, request));
    if (error === undefined && (codes as string[]).includes('OK')) return;
    assert(error !== undefined, `OK where ${codes.join(' or ')} is expected`);
    const got = status[error.code] ?? String(error.code);
    assert(
      (codes as string[]).includes(got),
      `${got} "${error.details}" where ${codes.join(' or ')} is expected`,
    );
    if (says !== undefined) assert.match(error.details, says);
  }

  close(): void {
    this.#client.close();
  }
}

/** What a call failed with; undefined when it did not. */
export async function refusalOf(call: Promise<unknown>): Promise<ServiceError | undefined> {
  return call.then(
    () => undefined,
    (error: unknown) => error as ServiceError,
  );
}

function loadMethods(): ReadonlyMap<string, Method> {
  const files = ['inference', 'health', 'reflection'].map(name =>
    join(import.meta.dirname, 'proto', `${name}.proto`),
  );
  const definitions = loadSync(files, { keepCase: true, longs: String, enums: String, defaults: true });
  const found = Object.entries(definitions).flatMap(([service, definition]) =>
    'format' in definition
      ? []
      : Object.entries(definition as Record<string, Method>).map(
          ([name, method]) => [`${service}/${name}`, method] as const,
        ),
  );
  return new Map(found);
}

function methodOf(name: string): Method {
  const method = methods.get(name.includes('/') ? name : `${INFERENCE}/${name}`);
  assert(method !== undefined, `proto/ has no ${name}`);
  return method;
}

function metadataOf({ metadata = {} }: CallOptions): Metadata {
  const found = new Metadata();
  for (const [name, value] of Object.entries(metadata)) found.set(name, value);
  return found;
}

function deadlineOf({ deadlineMs = 30_000 }: CallOptions): number {
  return Date.now() + deadlineMs;
}
