import { RpcStatus } from '#net';

/** What the same outcome is over HTTP, where it is no fault of the servers; every other status is 500. */
const CODES: Readonly<Record<number, number>> = {
  [RpcStatus.ok]: 200,
  [RpcStatus.cancelled]: 499,
  [RpcStatus.invalidArgument]: 400,
  [RpcStatus.deadlineExceeded]: 504,
  [RpcStatus.notFound]: 404,
  [RpcStatus.alreadyExists]: 409,
  [RpcStatus.permissionDenied]: 403,
  [RpcStatus.resourceExhausted]: 429,
  [RpcStatus.failedPrecondition]: 400,
  [RpcStatus.aborted]: 409,
  [RpcStatus.outOfRange]: 400,
  [RpcStatus.unimplemented]: 404,
  [RpcStatus.unavailable]: 503,
  [RpcStatus.unauthenticated]: 401,
};

/** The HTTP status that a gRPC status is counted as, so that one metric tells of both. */
export function httpCodeOf(status: number): number {
  return CODES[status] ?? 500;
}
