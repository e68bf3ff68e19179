/** What splits the requests of a service between its revisions. */
import { gatewayName } from '../names.ts';
import type { KubeObject } from '../object.ts';
import type { Release } from '../release.ts';
import { routerOf } from '../router.ts';
import { gatewayObjects } from './builtin/gateway.ts';
import { gatewayRoutes } from './gateway-api.ts';
import { istioRoutes } from './istio.ts';

/** In the order in which they are to be applied: what a route names comes before it. */
export function routesOf(release: Release): KubeObject[] {
  const router = routerOf(release);
  if (router === 'gatewayApi') return gatewayRoutes(release);
  if (router === 'istio') return istioRoutes(release);
  return router === 'builtin' ? gatewayObjects(release) : [];
}

const ROUTES = ['HTTPRoute', 'GRPCRoute', 'VirtualService', 'DestinationRule'];

/**
 * Whether an object points traffic: it is applied only once the pods are there that it points to, and what is no longer pointed to
 * goes only after that. Fairlead's gateway is pointed by its plan, without which its pods do not start.
 */
export function isRoute({ kind, metadata }: KubeObject, release: Release): boolean {
  if (ROUTES.includes(kind)) return true;
  if (kind === 'ConfigMap' || kind === 'Deployment') return metadata.name === gatewayName(release);
  return kind === 'Service' && metadata.name === release.name;
}
