import type { GatewayDoor } from '#spec';
import type { FleetArm } from './fleet.ts';

/** What the gateway itself takes from the file: what the stable arm says of its servers. */
export function stableServer(arms: readonly FleetArm[]): GatewayDoor | undefined {
  return arms.find(({ role }) => role === 'stable')?.revision.server;
}
