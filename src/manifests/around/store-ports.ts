/** At which ports a model's place is asked, by its URI and the variables that say where else. */
import { isLoopback } from '#spec';

/** A variable; undefined where it is not set, or empty. */
export type Environment = (name: string) => string | undefined;

interface Asked {
  readonly uri: string;
  /** What follows the scheme's colon. */
  readonly rest: string;
  readonly option: (name: string) => string | undefined;
  readonly env: Environment;
}

/** By scheme. What is not here is no place that a pod connects to: a path, or a volume. */
const stores: Readonly<Record<string, (asked: Asked) => number[]>> = {
  https: ({ uri }) => portsAt([uri]),
  http: ({ uri }) => portsAt([uri]),
  s3: ({ option, env }) =>
    endpointPorts(option('endpoint') ?? env('AWS_ENDPOINT_URL_S3') ?? env('AWS_ENDPOINT_URL')),
  gs: ({ option, env }) => endpointPorts(option('endpoint') ?? env('STORAGE_EMULATOR_HOST')),
  az: ({ env }) =>
    endpointPorts(/BlobEndpoint=([^;]+)/i.exec(env('AZURE_STORAGE_CONNECTION_STRING') ?? '')?.[1]),
  hf: ({ env }) => endpointPorts(env('HF_ENDPOINT')),
  oci: ({ rest, option }) => registryPorts(rest, option('insecure') === 'true'),
};

export function storePorts(uri: string, env: Environment): number[] {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(uri) ?? [];
  const options = new URLSearchParams(rest.split('?', 2)[1] ?? '');
  const option = (name: string) => options.get(name) ?? undefined;
  return stores[scheme.toLowerCase()]?.({ uri, rest, option, env }) ?? [];
}

/** The usual port of all stores. */
const HTTPS = 443;

/** 443 besides: whoever gives credentials, and what a store sends on to, is there. */
function endpointPorts(endpoint: string | undefined): number[] {
  if (endpoint === undefined) return [HTTPS];
  return [...portsAt([endpoint.includes('://') ? endpoint : `http://${endpoint}`]), HTTPS];
}

function registryPorts(rest: string, isInsecure: boolean): number[] {
  const [host = ''] = rest.replace(/^\/\//, '').split(/[/?#]/, 1);
  return [...portsAt([`${isInsecure ? 'http' : 'https'}://${host}`]), HTTPS];
}

/** Of addresses of HTTP. What is on the machine itself is in the pod, and needs no leave. */
export function portsAt(addresses: readonly string[]): number[] {
  return addresses.flatMap(address => {
    const url = URL.parse(address);
    if (url === null || isLoopback(url.hostname)) return [];
    if (url.port !== '') return [Number(url.port)];
    return [url.protocol === 'http:' ? 80 : HTTPS];
  });
}
