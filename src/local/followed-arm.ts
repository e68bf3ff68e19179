import type { GatewayArm, GatewayPlan } from '#spec';
import type { FleetArm } from './fleet.ts';

/** A revision whose servers are kept running elsewhere, and where they are found. */
export interface FollowedArm extends FleetArm {
  readonly place: GatewayArm;
  readonly isForeign: boolean;
}

/** The arms of a plan: each should have a server, since how many there are is decided elsewhere. */
export function followedArms({ arms, server, isForeign }: GatewayPlan): FollowedArm[] {
  return arms.map(place => ({
    role: place.role,
    revision: { name: place.revision, models: place.models, server },
    replicas: 1,
    weight: place.weight,
    place,
    isForeign,
  }));
}

/** The same for arms whose servers are the same, whatever their share. */
export function placeKey({ place }: FollowedArm): string {
  const { revision, host, port, grpcPort, ready, metrics, answerMs, mostBody } = place;
  return JSON.stringify([
    revision,
    host,
    port,
    grpcPort,
    ready,
    metrics?.port,
    metrics?.path,
    answerMs,
    mostBody,
  ]);
}
