/**
 * The same file on one machine: a supervisor that keeps server processes running, and a gateway that splits the traffic
 * between them. It starts servers through the launch contract of `spec` and knows nothing of what is inside one; it does
 * not watch files and does not draw on terminals.
 */
export { type Local, type LocalOptions, startLocal } from './io/start.ts';
export { type FollowingGateway, type GatewayOptions, startGateway } from './io/start-gateway.ts';
export { statusChanges } from './status-changes.ts';
export { statusLine, type Terminal } from './status-line.ts';
export type { ArmStatus, AsideStatus, LocalStatus, ServerState, ServerStatus } from './words.ts';
