/** How requests reach an API server, and what they show for themselves. */
import http from 'node:http';
import https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { messageOf } from '#base';
import { unusable } from './kubeconfig.ts';

/** What a request needs besides what it asks. */
export type Way = https.RequestOptions;

export class Access {
  readonly server: URL;
  /** That of the context; `default` where it names none. */
  readonly namespace: string;
  readonly #config: KubeConfig;
  readonly #agent: http.Agent;

  constructor(config: KubeConfig, environment: Readonly<Record<string, string | undefined>>) {
    const cluster = config.getCurrentCluster();
    const context = config.getContextObject(config.getCurrentContext());
    if (cluster === null) throw unusable(config.getCurrentContext(), 'it has no cluster');
    this.#config = config;
    this.server = serverOf(cluster.server, cluster.skipTLSVerify);
    this.namespace = context?.namespace?.trim() || 'default';
    const options = { keepAlive: true, maxSockets: AT_ONCE, proxyEnv: proxiesOf(environment) };
    this.#agent = this.server.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
  }

  /** Asked anew for each request: tokens and certificates are replaced while a process runs. */
  async way(): Promise<Way> {
    const options: Way = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (error: unknown) {
      throw unusable(`the user of ${this.#config.getCurrentContext()}`, said(error), error);
    }
    // Of the library's agents one that goes by a proxy of the kubeconfig; else one of ours, which keeps connections.
    const isProxied = this.#config.getCurrentCluster()?.proxyUrl !== undefined;
    return isProxied ? options : { ...options, agent: this.#agent };
  }

  close(): void {
    this.#agent.destroy();
  }
}

const AT_ONCE = 8;

/** Without TLS everybody on the way reads the credentials; that is somebody's explicit wish, or a mistake. */
function serverOf(text: string, isUnchecked: boolean): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw unusable(text, 'the address of a cluster begins with https://');
  if (url.protocol === 'http:' && !isUnchecked)
    throw unusable(
      text,
      'http:// carries credentials in the clear; use https://, or say insecure-skip-tls-verify: true',
    );
  return url;
}

/** A plugin's own words, of which there may be pages. */
function said(error: unknown): string {
  const text = messageOf(error).replaceAll(/\s+/g, ' ').trim().slice(0, 500);
  return `its credentials cannot be had: ${text === '' ? 'no reason given' : text}`;
}

function proxiesOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap(name => [name, name.toUpperCase()]);
  return Object.fromEntries(names.flatMap(name => (environment[name] ? [[name, environment[name]]] : [])));
}
