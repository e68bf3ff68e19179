/**
 * The floor: results, the error catalogue, ports for time, logs and chance, units, backoff, and the doors of HTTP and gRPC.
 * It knows nothing of models, services or protocols.
 */
export { type Backoff, pauseBefore } from './backoff.ts';
export type { ByteBudget } from './budget.ts';
export {
  AppError,
  asAppError,
  catalogue,
  type ErrorCode,
  type ExitCode,
  failure,
  messageOf,
  type Place,
} from './errors.ts';
export { Gathering, type GatheringOptions } from './gathering.ts';
export { type Answering, awaitsContinue, type DoorLimits, HttpDoor, targetOf } from './io/http-door.ts';
export { type BodySink, HttpRequest } from './io/http-request.ts';
export { RpcDoor, type RpcDoorOptions } from './io/rpc-door.ts';
export { jsonLogger, systemClock, systemRandom } from './io/system.ts';
export { boundYoungGeneration } from './io/young-generation.ts';
export { letGo } from './letting-go.ts';
export { Lines } from './lines.ts';
export type { Clock, Logger, LogLevel, Random } from './ports.ts';
export { validRequestId } from './request-id.ts';
export { err, ok, type Result, unreachable } from './result.ts';
export type { RpcCall, RpcHandler, RpcReceiver } from './rpc/call.ts';
export type { RpcLimits } from './rpc/limits.ts';
export { RpcStatus, rpcStatusOf } from './rpc/status.ts';
export type { Fields as RpcFields } from './rpc/transport.ts';
export { suggest } from './suggest.ts';
export { parseBytes, parseDuration } from './units.ts';
