/** What splits requests between the revisions of a service. */
import type { Release } from './release.ts';

export type Router = 'none' | 'builtin' | 'replicas' | 'gatewayApi' | 'istio';

/**
 * What the file says, of the stable revision's file. Where it says nothing, a candidate has fairlead's own gateway before it,
 * which needs nothing else to be installed; without a candidate there is nothing to split.
 */
export function routerOf({ arms: [stable, candidate] }: Release): Router {
  const { traffic } = stable.service.spec;
  if (traffic === undefined) return candidate === undefined ? 'none' : 'builtin';
  if (traffic.gatewayApi !== undefined) return 'gatewayApi';
  if (traffic.istio !== undefined) return 'istio';
  return traffic.replicas === undefined ? 'builtin' : 'replicas';
}
