/** An API server, asked by HTTPS over connections that stay: kubectl would take a process for each of thousands of objects. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** What it says of an object that it takes all the same. */
  readonly warnings: readonly string[];
}

/** Of a kubeconfig, as much as a certificate of a client needs. */
interface Kubeconfig {
  readonly 'current-context': string;
  readonly contexts: readonly {
    readonly name: string;
    readonly context: { cluster: string; user: string };
  }[];
  readonly clusters: readonly { readonly name: string; readonly cluster: Record<string, string> }[];
  readonly users: readonly { readonly name: string; readonly user: Record<string, string> }[];
}

export class ApiServer {
  readonly #url: string;
  readonly #agent: Agent;
  readonly #plurals = new Map<string, Promise<ReadonlyMap<string, string>>>();

  constructor(kubeconfig: string, connections: number) {
    const config = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
    const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster ?? {};
    const user = config.users.find(({ name }) => name === context?.user)?.user ?? {};
    this.#url = cluster['server'] ?? '';
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: connections,
      ca: pem(cluster, 'certificate-authority'),
      cert: pem(user, 'client-certificate'),
      key: pem(user, 'client-key'),
    });
  }

  /** Whether it would take an object as it is, into a namespace; nothing is kept of it. */
  async wouldTake(
    object: { readonly apiVersion: string; readonly kind: string },
    namespace: string,
  ): Promise<Answer> {
    const { apiVersion, kind } = object;
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = this.#plurals.get(root) ?? this.#kinds(root);
    this.#plurals.set(root, known);
    const plural = (await known).get(kind);
    if (plural === undefined)
      return { status: 404, body: `it knows no ${kind} of ${apiVersion}`, warnings: [] };
    const path = `${root}/namespaces/${namespace}/${plural}?dryRun=All&fieldValidation=Strict`;
    return this.#ask(path, JSON.stringify(object));
  }

  close(): void {
    this.#agent.destroy();
  }

  async #kinds(root: string): Promise<ReadonlyMap<string, string>> {
    const { status, body } = await this.#ask(root);
    if (status !== 200) return new Map();
    const { resources } = JSON.parse(body) as { resources: { name: string; kind: string }[] };
    return new Map(
      resources.flatMap(({ name, kind }) => (name.includes('/') ? [] : [[kind, name] as const])),
    );
  }

  async #ask(path: string, body?: string): Promise<Answer> {
    const sent = request(`${this.#url}${path}`, {
      agent: this.#agent,
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json' },
      timeout: 60_000,
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${path}`)));
    sent.end(body);
    const [answer] = await once(sent, 'response');
    const warnings = answer.headersDistinct.warning ?? [];
    return { status: answer.statusCode ?? 0, body: await text(answer), warnings };
  }
}

/** Written into the file, or the path of another. */
function pem(values: Readonly<Record<string, string>>, name: string): Buffer | undefined {
  const data = values[`${name}-data`];
  if (data !== undefined) return Buffer.from(data, 'base64');
  return values[name] === undefined ? undefined : readFileSync(values[name]);
}
