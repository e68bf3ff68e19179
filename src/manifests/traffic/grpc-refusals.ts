/** Routes of gRPC that nothing could answer, or that a gateway would not take. */
import { grpcPort } from '../pod/ports.ts';
import type { Refused } from '../refused.ts';
import type { Release } from '../release.ts';
import { grpcServices } from './ports.ts';

export function grpcRefusals(release: Release): Refused[] {
  const { gatewayApi, istio } = release.arms[0].service.spec.traffic ?? {};
  const asked = [
    ...(gatewayApi !== undefined && gatewayApi.grpc !== false ? ['spec.traffic.gatewayApi.grpc'] : []),
    ...(istio?.grpc ? ['spec.traffic.istio.grpc'] : []),
  ];
  const why = unanswered(release);
  return [...(why === undefined ? [] : asked.map(path => ({ path, problem: why }))), ...shared(release)];
}

function unanswered(release: Release): string | undefined {
  if (release.arms.some(arm => grpcPort(arm) === undefined))
    return 'has nothing to route to: the server has no port for gRPC (runtime.custom.ports.grpc)';
  if (grpcServices(release).length > 0) return undefined;
  return 'is routed by the services that are called, and those of this protocol are not known: only v2 and tfserving have some';
}

/** "The implementation MUST accept exactly one of these two routes" (gateway-api, GRPCRouteSpec, hostnames). */
function shared(release: Release): Refused[] {
  const { gatewayApi } = release.arms[0].service.spec.traffic ?? {};
  if (gatewayApi === undefined || typeof gatewayApi.grpc === 'boolean') return [];
  const { gateway, hosts, grpc } = gatewayApi;
  const isApart =
    grpc.section !== undefined && gateway.section !== undefined && grpc.section !== gateway.section;
  if (isApart || !meet(hosts, grpc.hosts ?? hosts)) return [];
  const problem =
    'has names in common with the HTTPRoute, and of the two a listener takes only one: give both names or sections of their own, or write grpc: true';
  return [{ path: 'spec.traffic.gatewayApi.grpc', problem }];
}

/** No names are all names. */
function meet(some: readonly string[], others: readonly string[]): boolean {
  if (some.length === 0 || others.length === 0) return true;
  return some.some(one => others.some(other => covers(one, other) || covers(other, one)));
}

function covers(name: string, other: string): boolean {
  return name === other || (name.startsWith('*.') && other.endsWith(name.slice(1)));
}
