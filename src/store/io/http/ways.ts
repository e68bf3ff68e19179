import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { SourceOptions } from '../../source.ts';
import { Connection } from './connection.ts';
import { Connections } from './connections.ts';

/** How a request goes to its server: by a connection of ours, or by Node's where there is TLS, or a proxy. */
export type Way = Connection | Agents;

export interface Agents {
  readonly plain: http.Agent;
  readonly secure: https.Agent;
}

/** All ways of one client, used again. */
export class Ways {
  readonly #connections: Connections;
  readonly #agents: { readonly kept: Agents; readonly fresh: Agents };
  readonly #isProxied: boolean;

  constructor({ connections, environment, authorities }: Omit<SourceOptions, 'patienceMs'>) {
    // `proxyEnv` came with Node 22.21 and 24.5; before, it does nothing.
    const proxyEnv = proxiesOf(environment);
    const trust = authorities === undefined ? {} : { secureContext: trusting(authorities) };
    const options = { keepAlive: true, maxSockets: connections, proxyEnv, ...trust };
    this.#isProxied = Object.keys(proxyEnv).length > 0;
    this.#agents = { kept: agentsOf(options), fresh: agentsOf({ ...options, keepAlive: false }) };
    this.#connections = new Connections(connections);
  }

  /**
   * One to the server of a URL; `isFresh`, over a new connection: others that wait may have been ended too. Throws the signal's
   * reason.
   */
  async take(url: URL, isFresh: boolean, signal: AbortSignal): Promise<Way> {
    if (this.#isProxied || url.protocol === 'https:') return isFresh ? this.#agents.fresh : this.#agents.kept;
    return this.#connections.take(url, isFresh, signal);
  }

  /** Drops all connections, those in use too. */
  close(): void {
    this.#connections.close();
    for (const { plain, secure } of Object.values(this.#agents)) {
      plain.destroy();
      secure.destroy();
    }
  }
}

export function requestOf(url: URL, options: http.RequestOptions, way: Way): http.ClientRequest {
  const isSecure = url.protocol === 'https:';
  const { request } = isSecure ? https : http;
  if (!(way instanceof Connection))
    return request(url, { ...options, agent: isSecure ? way.secure : way.plain });
  return request(url, { ...options, defaultPort: 80, createConnection: () => way.line() });
}

export function proxiesOf(environment: SourceOptions['environment']): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap(name => [name, name.toUpperCase()]);
  return Object.fromEntries(names.flatMap(name => (environment[name] ? [[name, environment[name]]] : [])));
}

function agentsOf(options: https.AgentOptions): Agents {
  return { plain: new http.Agent(options), secure: new https.Agent(options) };
}

/** Made once: to read all the authorities of the world takes 20 ms, and each connection would. */
function trusting(authorities: string): tls.SecureContext {
  return tls.createSecureContext({ ca: [...tls.getCACertificates('default'), authorities] });
}
