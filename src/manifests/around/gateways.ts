/** The pods of fairlead's own gateway, as those see them that stand around it. */
import { ports } from '#spec';
import type { Labels } from '../names.ts';
import { portsOf } from '../pod/ports.ts';
import type { Release } from '../release.ts';

/** What they are selected by. */
export function gatewaysOf({ name }: Release): Labels {
  return { app: name, component: 'gateway' };
}

/** Where they listen, as `fairlead serve` does; for gRPC where a revision speaks it. */
export function gatewayNumbers({ arms }: Release): number[] {
  const { port, grpcPort } = ports.own;
  const isCalled = arms.some(arm => portsOf(arm).some(({ name }) => name === 'grpc'));
  return isCalled ? [grpcPort, port] : [port];
}
