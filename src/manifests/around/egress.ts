/**
 * Where the pods of a revision connect to, as far as its file says it. A NetworkPolicy matches addresses and never names, and
 * what a name stands for changes: so what comes of it are ports, to whatever address.
 */
import { isKeyFile, type ServerOptions } from '#spec';
import { doorOf } from '../door.ts';
import type { PodArm, Release } from '../release.ts';
import { type Environment, portsAt, storePorts } from './store-ports.ts';

/** Ports of TCP that its servers, and what brings their models, connect to. */
export function serverPorts(arm: PodArm): number[] {
  const env = environmentOf(arm);
  const pulled = pulledUris(arm).flatMap(uri => storePorts(uri, env));
  const proxies = pulled.length === 0 ? [] : PROXIES.flatMap(name => env(name) ?? []);
  return sorted([
    ...pulled,
    ...portsAt(proxies),
    ...tracingPorts(arm.service.spec.server.tracing),
    ...portsAt(addressesOf(arm)),
  ]);
}

/** Those of the gateway: servers of fairlead ask for credentials, and so for the keys of an issuer, themselves. */
export function gatewayAsks(release: Release): number[] {
  const door = doorOf(release)?.server;
  const { tracing } = door ?? release.arms[0].service.spec.server;
  return sorted([...tracingPorts(tracing), ...portsAt(issuersOf(door?.auth))]);
}

function tracingPorts(tracing: ServerOptions['tracing']): number[] {
  return tracing === undefined ? [] : portsAt([tracing.endpoint]);
}

/** Where issuers' keys are, and where records of predictions go. */
function addressesOf({ service }: PodArm): string[] {
  const { auth, payloadLog } = service.spec.server;
  const sinks = payloadLog?.http === undefined ? [] : [payloadLog.http];
  return [...issuersOf(auth), ...sinks];
}

function issuersOf(auth: ServerOptions['auth']): string[] {
  const places = [auth?.predict?.jwt, auth?.admin?.jwt].flatMap(jwt => jwt?.jwks ?? []);
  return places.filter(place => !isKeyFile(place));
}

/** Models that the pods fetch themselves: what lies in an image, a volume or an image volume is brought by the node. */
function pulledUris({ deployed }: PodArm): string[] {
  const pulls = deployed.pulls.map(({ uri }) => uri);
  if (!deployed.isPulled) return pulls;
  const { away } = deployed.revision;
  const told = away.kind === 'repository' ? [away.repository] : away.entries;
  return [...pulls, ...told.map(({ uri }) => uri)];
}

/** Whether credentials may come from the machine, or what stands for it at a link-local address. */
export function asksMachine(arm: PodArm): boolean {
  return pulledUris(arm).some(uri => /^(?:s3|gs|az):/i.test(uri));
}

function environmentOf({ service }: PodArm): Environment {
  const { env } = service.spec.kubernetes;
  return name => env[name] || undefined;
}

const PROXIES = ['http_proxy', 'https_proxy'].flatMap(name => [name, name.toUpperCase()]);

function sorted(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}
