/** The pods of fairlead's own gateway, as those see them that stand around it. */
import { ports, SETTINGS } from '#spec';
import { doorOf } from '../door.ts';
import type { Labels } from '../names.ts';
import { type PodPort, portsOf } from '../pod/ports.ts';
import type { Release } from '../release.ts';

/** Where their plan is, and nothing else. */
export const PLAN_FOLDER = `${SETTINGS}/gateway`;

/** What they are selected by. */
export function gatewaysOf({ name }: Release): Labels {
  return { app: name, component: 'gateway' };
}

/** Where they listen, as `fairlead serve` does; for gRPC where a revision speaks it. */
export function gatewayPorts(release: Release): readonly [PodPort, ...PodPort[]] {
  const { port, grpcPort } = ports.own;
  const { tls } = doorOf(release)?.server ?? {};
  const isCalled = release.arms.some(arm => portsOf(arm).some(({ name }) => name === 'grpc'));
  return [
    { name: tls === undefined ? 'http' : 'https', containerPort: port },
    ...(isCalled ? [{ name: 'grpc', containerPort: grpcPort } as const] : []),
    ...(tls?.healthPort === undefined ? [] : [{ name: 'health', containerPort: tls.healthPort } as const]),
  ];
}

export function gatewayNumbers(release: Release): number[] {
  return gatewayPorts(release)
    .map(({ containerPort }) => containerPort)
    .toSorted((a, b) => a - b);
}
