import type { GatewayDoor, ModelIdentity, Role } from '#spec';
import type { Endpoint } from './endpoint.ts';
import type { PoolArm } from './pool.ts';
import type { Supervised } from './status.ts';

/** A revision's part in a service, as far as a gateway needs to know it. */
export interface FleetArm {
  readonly role: Role;
  readonly revision: {
    readonly name: string;
    readonly models: readonly ModelIdentity[];
    /** How the door is, where this arm is the stable one. */
    readonly server: GatewayDoor;
  };
  /** Servers that it should have; with none, nobody misses one. */
  readonly replicas: number;
  /** Percent of requests. */
  readonly weight: number;
}

export interface FleetServer extends Supervised {
  /** Where it listens, once that is known. */
  readonly endpoint: Endpoint | undefined;
}

/** The servers behind a gateway, whoever keeps them running. It tells its maker of every change of a server or of the arms. */
export interface Fleet<A extends FleetArm> {
  /** In service. */
  readonly arms: readonly A[];
  readonly replicas: readonly FleetServer[];
  /** Whether they are others than fairlead's. */
  readonly isForeign: boolean;
  /** The first arms: they are in service at once, and servers join as they get ready. */
  begin(arms: readonly A[]): void;
  /**
   * Makes these the arms in service as soon as each that is to get more of the traffic has a server that is ready. A newer call
   * takes over from an older one, which then ends as the newer does.
   */
  apply(arms: readonly A[]): Promise<void>;
  /** Resolves when each arm that should serve does. */
  ready(signal: AbortSignal): Promise<void>;
  /** What the gateway routes by: the arms, each with the servers in rotation. */
  routes(): PoolArm[];
  /** What a failed request tells of a server: that it took no connection, or only that something was odd. */
  suspect(endpoint: Endpoint, unconnected: boolean): void;
  close(): Promise<void>;
  /** Ends at once. */
  kill(): void;
}
