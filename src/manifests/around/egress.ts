/**
 * Where the pods of a revision connect to, as far as its file says it. A NetworkPolicy matches addresses and never names, and
 * what a name stands for changes: so what comes of it are ports, to whatever address.
 */
import { isKeyFile } from '#spec';
import type { PodArm } from '../release.ts';

/** Ports of TCP that its servers, and what brings their models, connect to. */
export function serverPorts(arm: PodArm): number[] {
  const env = environmentOf(arm);
  const pulled = pulledUris(arm).flatMap(uri => storePorts(uri, env));
  const proxies = pulled.length === 0 ? [] : PROXIES.flatMap(name => env(name) ?? []);
  return sorted([...pulled, ...portsAt(proxies), ...doorPorts(arm), ...portsAt(sinksOf(arm))]);
}

/** Those of the gateway, which has the service's door. */
export function doorPorts({ service }: PodArm): number[] {
  const { auth, tracing } = service.spec.server;
  const issuers = [auth?.predict?.jwt, auth?.admin?.jwt].flatMap(jwt => jwt?.jwks ?? []);
  const endpoints = tracing === undefined ? [] : [tracing.endpoint];
  return sorted(portsAt([...issuers.filter(place => !isKeyFile(place)), ...endpoints]));
}

function sinksOf({ service }: PodArm): string[] {
  const { http } = service.spec.server.payloadLog ?? {};
  return http === undefined ? [] : [http];
}

/** Models that the pods fetch themselves: what lies in an image, a volume or an image volume is brought by the node. */
export function pulledUris({ deployed }: PodArm): string[] {
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

type Environment = (name: string) => string | undefined;

function environmentOf({ service }: PodArm): Environment {
  const { env } = service.spec.kubernetes;
  return name => env[name] || undefined;
}

const PROXIES = ['http_proxy', 'https_proxy'].flatMap(name => [name, name.toUpperCase()]);

/** The usual port of all stores. */
const HTTPS = 443;

function storePorts(uri: string, env: Environment): number[] {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(uri) ?? [];
  const options = new URLSearchParams(rest.split('?', 2)[1] ?? '');
  switch (scheme.toLowerCase()) {
    case 'https':
    case 'http':
      return portsAt([uri]);
    case 's3':
      return endpointPorts(options.get('endpoint') ?? env('AWS_ENDPOINT_URL_S3') ?? env('AWS_ENDPOINT_URL'));
    case 'gs':
      return endpointPorts(options.get('endpoint') ?? env('STORAGE_EMULATOR_HOST'));
    case 'az':
      return endpointPorts(/BlobEndpoint=([^;]+)/i.exec(env('AZURE_STORAGE_CONNECTION_STRING') ?? '')?.[1]);
    case 'hf':
      return endpointPorts(env('HF_ENDPOINT'));
    case 'oci':
      return registryPorts(rest, options.get('insecure') === 'true');
    default:
      return [];
  }
}

/** 443 besides: whoever gives credentials, and what a store sends on to, is there. */
function endpointPorts(endpoint: string | undefined): number[] {
  if (endpoint === undefined) return [HTTPS];
  return [...portsAt([endpoint.includes('://') ? endpoint : `http://${endpoint}`]), HTTPS];
}

function registryPorts(rest: string, isInsecure: boolean): number[] {
  const [host = ''] = rest.replace(/^\/\//, '').split(/[/?#]/, 1);
  return [...portsAt([`${isInsecure ? 'http' : 'https'}://${host}`]), HTTPS];
}

/** What is on the machine itself is in the pod, and needs no leave. */
function portsAt(addresses: readonly string[]): number[] {
  return addresses.flatMap(address => {
    const url = URL.parse(address);
    if (url === null || LOOPBACK.test(url.hostname)) return [];
    return [url.port === '' ? (url.protocol === 'http:' ? 80 : HTTPS) : Number(url.port)];
  });
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function sorted(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
