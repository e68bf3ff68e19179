/** What objects are made of: a service, and each revision of it with what its pods need. */
import type { Deployed, GatewayDoor, Launch, LeftOut, ModelService, Mounted, Role } from '#spec';

/** A small file that a pod reads, and which is no part of its image. */
export interface Setting {
  /** Absolute, in the container. */
  readonly path: string;
  readonly text: string;
}

/** A revision with its share, and all that its pods are made of. */
export interface PodArm {
  readonly role: Role;
  /** Its paths are those of a container (`contained`). The candidate's may be of another file. */
  readonly service: ModelService;
  readonly deployed: Deployed;
  /** How its server starts: `podLaunch(deployed)`. */
  readonly launch: Launch;
  /** What its pods run. */
  readonly image: string;
  /** Pods; with `spec.scaling`, those at least. */
  readonly replicas: number;
  /** Percent of requests, 0 to 100; the arms of a release add up to 100. */
  readonly weight: number;
  readonly settings: readonly Setting[];
  /** Secrets and what changes while it runs: paths at which a volume has to be mounted. */
  readonly mounted: readonly Mounted[];
  /** What the file says and its server in a container does not do. */
  readonly left: readonly LeftOut[];
  /** Of its gateway, if it has one; undefined for fairlead's own servers, which see to all of it themselves. */
  readonly door?: PodDoor;
}

/** What fairlead's gateway does for servers of others, and what its pods are made of for that. */
export interface PodDoor extends Pick<PodArm, 'settings' | 'mounted'> {
  readonly server: GatewayDoor;
}

/** A service as a cluster is to have it. */
export interface Release {
  readonly name: string;
  /** Undefined leaves it to whoever applies the objects. */
  readonly namespace: string | undefined;
  /** The stable one first, and then the candidate where there is one. */
  readonly arms: readonly [PodArm, ...PodArm[]];
  /** Fairlead's own image: pulls models for servers of others, and is the gateway. */
  readonly fairlead: string;
}
