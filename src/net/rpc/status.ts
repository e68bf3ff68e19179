import type { AppError, ErrorCode } from '#base';

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
  401: RpcStatus.unauthenticated,
  403: RpcStatus.permissionDenied,
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
  507: RpcStatus.resourceExhausted,
};

/** The gRPC status that words an error of the catalogue. */
export function rpcStatusOf(error: AppError): RpcStatus {
  return OWN[error.code] ?? BY_HTTP[error.status] ?? RpcStatus.internal;
}

/** Characters of an encoded text: peers refuse header lists of more than 8 KiB. */
const MOST_ENCODED = 4000;

/** What may stand as it is: printable ASCII without `%`, and no space at either end, where HTTP would lose it. */
const PLAIN = /^[\x21-\x24\x26-\x7e](?:[\x20-\x24\x26-\x7e]*[\x21-\x24\x26-\x7e])?$/;

/** A text as `grpc-message` carries it: its UTF-8, percent-encoded where it is not plain. What is too long is cut. */
export function percentEncode(text: string): string {
  if (text === '' || (text.length <= MOST_ENCODED && PLAIN.test(text))) return text;
  let encoded = '';
  let rest = text.length;
  for (const character of text) {
    const isEnd = encoded === '' || rest === 1;
    rest -= character.length;
    const part = PLAIN.test(character) || (character === ' ' && !isEnd) ? character : escaped(character);
    if (encoded.length + part.length > MOST_ENCODED) return `${encoded}...`;
    encoded += part;
  }
  return encoded;
}

function escaped(character: string): string {
  return Array.from(
    Buffer.from(character),
    byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}
