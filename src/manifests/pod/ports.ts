/** Where the server of a pod listens. */
import { ports } from '#spec';
import type { PodArm } from '../release.ts';

export type PortName = 'http' | 'https' | 'grpc' | 'metrics' | 'health';

export interface PodPort {
  readonly name: PortName;
  readonly containerPort: number;
}

/** HTTP comes first, `https` where it is spoken over TLS; metrics only where they have a port of their own. */
export function portsOf({ launch, service }: PodArm): readonly [PodPort, ...PodPort[]] {
  const { listening, metrics } = launch;
  const { tls } = service.spec.server;
  const http = listening.kind === 'told' ? listening.http : ports.own.port;
  const grpc = listening.kind === 'told' ? listening.grpc : listening.grpc ? ports.own.grpcPort : undefined;
  const others: readonly (readonly [PortName, number | undefined])[] = [
    ['grpc', grpc],
    ['metrics', metrics?.port],
    ['health', tls?.healthPort],
  ];
  return [
    { name: tls === undefined ? 'http' : 'https', containerPort: http },
    ...others.flatMap(([name, containerPort]) =>
      containerPort === undefined || (name === 'metrics' && containerPort === http)
        ? []
        : [{ name, containerPort }],
    ),
  ];
}

/** For HTTP, of a pod. */
export function httpPort(arm: PodArm): number {
  return portsOf(arm)[0].containerPort;
}

/** For gRPC, of a pod and of its Service; undefined where it speaks none. */
export function grpcPort(arm: PodArm): number | undefined {
  return portsOf(arm).find(({ name }) => name === 'grpc')?.containerPort;
}

/** Where Prometheus finds the metrics; undefined where there are none. */
export function metricsAt(arm: PodArm):
  | {
      readonly name: PortName;
      readonly port: number;
      readonly path: string;
      readonly scheme: 'http' | 'https';
    }
  | undefined {
  const { metrics } = arm.launch;
  if (metrics === undefined) return undefined;
  const all = portsOf(arm);
  const { name, containerPort: port } = all.find(one => one.name === 'metrics') ?? all[0];
  return { name, port, path: metrics.path, scheme: name === 'https' ? 'https' : 'http' };
}
