/** gRPC calls made by the client library that others wrote, and what they are answered. */
import { join } from 'node:path';
import { Client, credentials, Metadata, type MetadataValue, type ServiceError } from '@grpc/grpc-js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';
import { root } from '../programs/fairlead.ts';

export interface RpcRequest {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** One, or more of a stream. */
  readonly messages: readonly object[];
  readonly metadata?: Readonly<Record<string, MetadataValue>>;
  /** Has the client compress its messages. */
  readonly gzip?: boolean;
}

export interface RpcAnswer {
  /** The number of the status. */
  readonly code: number;
  readonly details: string;
  /** In JSON's form, but bytes are buffers; 64-bit numbers are strings, and what is a type's default is left out. */
  readonly messages: readonly object[];
}

const ANSWER_WITHIN_MS = 20_000;
const SERVICE = 'inference.GRPCInferenceService';

/** How grpc-js calls gzip, in an option of the channel. */
const GZIP = 2;

type Method = MethodDefinition<object, object>;
const methods = methodsByPath();

/** The path of a method of the inference service. */
export function methodPath(name: string): string {
  return `/${SERVICE}/${name}`;
}

/** Makes one call to `host:port`, over a connection of its own. */
export async function rpcExchange(server: string, request: RpcRequest): Promise<RpcAnswer> {
  const client = new Client(server, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
    // What differs is what the servers answer, not what a client mends.
    'grpc.enable_retries': 0,
    ...(request.gzip === true && { 'grpc.default_compression_algorithm': GZIP }),
  });
  try {
    return await called(client, request);
  } finally {
    client.close();
  }
}

/** A unary method is called as a stream of one message: its bytes are the same. */
function called(client: Client, { path, messages, metadata = {} }: RpcRequest): Promise<RpcAnswer> {
  const method = methods.get(path);
  const call = client.makeBidiStreamRequest<object, object>(
    path,
    message => method?.requestSerialize(message) ?? Buffer.alloc(0),
    bytes => method?.responseDeserialize(bytes) ?? {},
    metadataOf(metadata),
    { deadline: Date.now() + ANSWER_WITHIN_MS },
  );
  return new Promise(resolve => {
    const received: object[] = [];
    call.on('data', (message: object) => received.push(message));
    call.on('error', ({ code, details }: ServiceError) => resolve({ code, details, messages: received }));
    call.on('end', () => resolve({ code: 0, details: '', messages: received }));
    for (const message of messages) call.write(message);
    call.end();
  });
}

function metadataOf(values: NonNullable<RpcRequest['metadata']>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(values)) metadata.set(name, value);
  return metadata;
}

function methodsByPath(): ReadonlyMap<string, Method> {
  const definitions = loadSync(join(root, 'docs', 'proto', 'grpc_service.proto'), {
    keepCase: true,
    longs: String,
    enums: String,
  });
  const service = definitions[SERVICE] as Readonly<Record<string, Method>>;
  return new Map(Object.values(service).map(method => [method.path, method]));
}
