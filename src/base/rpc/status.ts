import type { AppError, ErrorCode } from '../errors.ts';

/** The status codes of gRPC (grpc.github.io, "Status codes and their use in gRPC"). */
export const RpcStatus = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

export type RpcStatus = (typeof RpcStatus)[keyof typeof RpcStatus];

/** Where gRPC means something else than HTTP does. */
const OWN: Partial<Record<ErrorCode, RpcStatus>> = {
  path_unknown: RpcStatus.unimplemented,
  rpc_malformed: RpcStatus.internal,
};

const BY_HTTP: Readonly<Record<number, RpcStatus>> = {
  400: RpcStatus.invalidArgument,
  404: RpcStatus.notFound,
  405: RpcStatus.unimplemented,
  408: RpcStatus.deadlineExceeded,
  413: RpcStatus.resourceExhausted,
  415: RpcStatus.unimplemented,
  422: RpcStatus.invalidArgument,
  429: RpcStatus.resourceExhausted,
  431: RpcStatus.resourceExhausted,
  499: RpcStatus.cancelled,
  501: RpcStatus.unimplemented,
  503: RpcStatus.unavailable,
  504: RpcStatus.deadlineExceeded,
};

/** The gRPC status that words an error of the catalogue. */
export function rpcStatusOf(error: AppError): RpcStatus {
  return OWN[error.code] ?? BY_HTTP[error.status] ?? RpcStatus.internal;
}

/** Bytes of a status message, before it is encoded: peers refuse header lists of more than 8 KiB. */
const MOST_MESSAGE = 2000;

const PLAIN = /^[\x20-\x24\x26-\x7e]*$/;

/** A text as `grpc-message` carries it: UTF-8, where all but printable ASCII, and `%` itself, is percent-encoded. */
export function percentEncode(text: string): string {
  if (text.length <= MOST_MESSAGE && PLAIN.test(text)) return text;
  let encoded = '';
  for (const byte of Buffer.from(clipped(text.toWellFormed()), 'utf8')) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

function clipped(text: string): string {
  return text.length > MOST_MESSAGE ? `${text.slice(0, MOST_MESSAGE).toWellFormed()}…` : text;
}
