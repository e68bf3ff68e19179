/**
 * The ports that clients come in by: doors for HTTP and gRPC, TLS, who may ask for what, and a bound on everything a client
 * can hold on to.
 * They know nothing of models or services, and of the meaning of a path only who may ask for it.
 */
export { type Permission, permissionOf } from './access/endpoints.ts';
export { GATEWAY_HEADER, GatewayOnly } from './access/gateway-only.ts';
export type { Guard } from './access/guard.ts';
export { guardCalls } from './access/guarded-calls.ts';
export { type GuardPorts, type OpenGuard, openGuard } from './access/io/open-guard.ts';
export { digestOf, type Key } from './access/key-list.ts';
export { FREE, type Pass } from './access/limiter.ts';
export { Refusals, refusalHeaders } from './access/refusals.ts';
export type { ByteBudget } from './budget.ts';
export type { CorsPolicy } from './cors.ts';
export { Gathering, type GatheringOptions } from './gathering.ts';
export { type Addresses, Entrance, type EntranceOptions } from './io/entrance.ts';
export { type Answering, awaitsContinue, type DoorLimits, HttpDoor, targetOf } from './io/http-door.ts';
export { type BodySink, HttpRequest } from './io/http-request.ts';
export { RpcDoor, type RpcDoorOptions } from './io/rpc-door.ts';
export { letGo } from './letting-go.ts';
export { type Arriving, isNearby } from './nearby.ts';
export { clientOf, schemeOf } from './origin.ts';
export { validRequestId } from './request-id.ts';
export type { RpcCall, RpcHandler, RpcReceiver } from './rpc/call.ts';
export type { RpcLimits } from './rpc/limits.ts';
export { RpcStatus, rpcStatusOf } from './rpc/status.ts';
export type { Fields as RpcFields } from './rpc/transport.ts';
export type { TlsFiles } from './tls/files.ts';
