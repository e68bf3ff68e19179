/** What fairlead's gateway is told that stands before a server of others, in a container of its own. */
import type { Contained } from './contained.ts';
import { containedAuth } from './contained-auth.ts';
import { containedTls } from './contained-tls.ts';
import type { Findings } from './findings.ts';
import type { GatewayDoor } from './gateway-plan.ts';
import type { ServerOptions } from './schema.ts';

/** Its settings with paths of that container, and what has to be there; nothing of it is in an image. */
export interface Door extends Pick<Contained, 'packed' | 'mounted'> {
  readonly server: GatewayDoor;
}

export function doorIn({ auth, tls, cors, tracing, limits, drain }: ServerOptions, base: string): Door {
  const findings: Findings = { base, packed: [], mounted: [], left: [] };
  const server = {
    ...(auth && { auth: containedAuth(auth, findings) }),
    ...(tls && { tls: containedTls(tls, findings) }),
    ...(cors && { cors }),
    ...(tracing && { tracing }),
    limits,
    drain,
  };
  const { packed, mounted } = findings;
  return { server, packed, mounted };
}
