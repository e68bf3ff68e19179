import type { GatewayDoor } from '#spec';
import { doorOf } from '../door.ts';
import type { Refused } from '../refused.ts';
import type { PodArm, Release } from '../release.ts';
import { routerOf } from '../router.ts';
import { isHidden } from './closed.ts';

const AT = 'spec.kubernetes.metrics';

/**
 * Behind server.auth, metrics are for administrators. Prometheus shows a PodMonitor's key, which has to be named; by annotations
 * it knows of none, and would be turned away at each scrape, so that nobody has metrics and nobody is told.
 */
export function metricsRefusals(release: Release): Refused[] {
  const { arms } = release;
  const [stable] = arms;
  const { metrics } = stable.service.spec.kubernetes;
  if (metrics.none !== undefined) return [];
  if (metrics.podMonitor === undefined)
    return arms.some(arm => isHidden(release, arm)) ? [hidden] : annotated(stable);
  const path = `${AT}.podMonitor`;
  const isUnread =
    routerOf(release) !== 'builtin' && arms.every(({ launch }) => launch.metrics === undefined);
  if (isUnread)
    return [{ path, problem: 'has nothing to read: say runtime.custom.metrics, or kubernetes.metrics.none' }];
  const { auth, tls } = doorOf(release)?.server ?? stable.service.spec.server;
  return monitored({ auth, tls }, metrics.podMonitor.credentials);
}

function annotated({ service, launch }: PodArm): Refused[] {
  const { auth, tls } = service.spec.server;
  const path = `${AT}.annotations`;
  if (launch.metrics === undefined) return [];
  if (auth !== undefined) {
    const problem =
      'have no credentials to show, and server.auth asks for some: say podMonitor with credentials, or none';
    return [{ path, problem }];
  }
  return tls?.clientAuthority === undefined ? [] : [{ path, problem: MUTUAL }];
}

const hidden: Refused = {
  path: `${AT}.annotations`,
  problem:
    'have nothing to read: the server has its metrics where it predicts, which only the gateway reaches that asks for credentials. Say podMonitor, which reads the gateway, or none',
};

function monitored(
  { auth, tls }: Pick<GatewayDoor, 'auth' | 'tls'>,
  credentials: string | undefined,
): Refused[] {
  const path = `${AT}.podMonitor`;
  const secret = `${path}.credentials`;
  const refused: Refused[] = [];
  if (tls?.clientAuthority !== undefined) refused.push({ path, problem: MUTUAL });
  if (auth === undefined && credentials !== undefined)
    refused.push({ path: secret, problem: 'has no effect without server.auth: nobody is asked for it' });
  if (auth !== undefined && auth.admin === undefined)
    refused.push({ path, problem: 'is let in by nobody: server.auth says no admin, so say that or none' });
  else if (auth !== undefined && credentials === undefined)
    refused.push({ path: secret, problem: 'is missing: server.auth gives metrics to administrators only' });
  return refused;
}

const MUTUAL = 'has no certificate to show, and server.tls.clientAuthority asks for one: say none';
