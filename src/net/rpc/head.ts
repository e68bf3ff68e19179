import { RpcStatus } from './status.ts';
import { parseRpcTimeout } from './timeout.ts';
import type { Fields, RpcStream } from './transport.ts';

/** What compression a message's flag may stand for. */
export type RpcEncoding = 'identity' | 'gzip' | 'deflate';

const ENCODINGS: readonly string[] = ['identity', 'gzip', 'deflate'] satisfies readonly RpcEncoding[];

const ACCEPTED: Fields = { 'grpc-accept-encoding': ENCODINGS.join(',') };

/** What a request's headers say to the door. */
export interface Head {
  /** Echoed in the response. */
  readonly contentType: string;
  readonly encoding: RpcEncoding;
  /** Milliseconds from now; Infinity without a deadline. */
  readonly timeout: number;
}

/** Why there is no call: no gRPC at all (`http`), or gRPC that cannot be answered otherwise. */
export interface Refusal {
  /** The HTTP status. */
  readonly http: number;
  readonly status: RpcStatus;
  readonly message: string;
  readonly fields?: Fields;
}

const GRPC = /^application\/grpc(?:[+;]|$)/;

/** What is echoed: a client's text goes no further than it has to. */
const PLAIN = /^application\/grpc(?:\+[a-z0-9.-]+)?$/;

/** Reads the headers of a request as "gRPC over HTTP/2" asks, except `te`: who leaves it out is served all the same. */
export function headOf(stream: RpcStream): Head | Refusal {
  const contentType = stream.header('content-type') ?? '';
  if (!GRPC.test(contentType))
    return refusal(415, RpcStatus.unknown, `the content-type is not application/grpc`);
  if (stream.method !== 'POST') return refusal(405, RpcStatus.internal, 'a call is a POST');
  const given = stream.header('grpc-timeout');
  const timeout = given === undefined ? Number.POSITIVE_INFINITY : parseRpcTimeout(given);
  if (timeout === undefined) return refusal(200, RpcStatus.internal, `'${given}' is not a grpc-timeout`);
  const encoding = stream.header('grpc-encoding') ?? 'identity';
  if (!isEncoding(encoding)) {
    const message = `the grpc-encoding '${encoding}' is not supported`;
    return { ...refusal(200, RpcStatus.unimplemented, message), fields: ACCEPTED };
  }
  return { contentType: PLAIN.test(contentType) ? contentType : 'application/grpc', encoding, timeout };
}

function isEncoding(name: string): name is RpcEncoding {
  return ENCODINGS.includes(name);
}

function refusal(http: number, status: RpcStatus, message: string): Refusal {
  return { http, status, message };
}
