/** What the pods of a revision listen at, by number and by the names that their ports have. */
import { ports } from '#spec';
import type { Labels } from '../names.ts';
import type { PodArm, Release } from '../release.ts';

export interface Listeners {
  /** Whether HTTP and gRPC go over TLS. */
  readonly isSecure: boolean;
  readonly http: number;
  readonly grpc: number | undefined;
  /** Of its metrics and its health, where these are not at the port of HTTP. */
  readonly metrics: number | undefined;
  readonly health: number | undefined;
}

export function listenersOf({ launch, service }: PodArm): Listeners {
  const { listening, metrics } = launch;
  const { tls } = service.spec.server;
  const own = { http: ports.own.port, grpc: ports.own.grpcPort };
  const { http, grpc } = listening.kind === 'told' ? listening : own;
  return { isSecure: tls !== undefined, http, grpc, metrics: metrics?.port, health: tls?.healthPort };
}

/** Of fairlead's gateway, whose door is that of the service. */
export function gatewayListeners(stable: PodArm): Listeners {
  const { isSecure, health, grpc } = listenersOf(stable);
  const { port, grpcPort } = ports.own;
  return { isSecure, http: port, grpc: grpc && grpcPort, metrics: undefined, health };
}

/** What the gateway's pods are selected by. */
export function gatewaysOf({ name }: Release): Labels {
  return { app: name, component: 'gateway' };
}

/** The name of the port for HTTP. */
export function doorName({ isSecure }: Listeners): 'http' | 'https' {
  return isSecure ? 'https' : 'http';
}

/** Every number once, the least first. */
export function numbersOf({ http, grpc, metrics, health }: Listeners): number[] {
  const all = [http, grpc, metrics, health].filter(port => port !== undefined);
  return [...new Set(all)].toSorted((a, b) => a - b);
}
