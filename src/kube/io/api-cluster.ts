import { type AppError, failure } from '#base';
import type {
  Applied,
  ApplyOptions,
  Cluster,
  LogOptions,
  RemoveOptions,
  WatchEvent,
  Which,
} from '../cluster.ts';
import {
  type KindRef,
  type LiveObject,
  MANAGER,
  type ObjectRef,
  refOf,
  subjectOf,
  type WantedObject,
} from '../kube-object.ts';
import { pathOf, type Resource, type Resources, remedyFor } from '../resources.ts';
import { discover } from './discovery.ts';
import type { Client } from './http/client.ts';
import { watching } from './watching.ts';

const PAGE = 500;
const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
/** Of a log, at most. */
const LOG_BYTES = 64 * 1024;

interface List {
  readonly items?: readonly LiveObject[] | null;
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
}

export interface ApiClusterOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly signal: AbortSignal;
  close(): void;
}

/** A cluster by its API server: plain JSON, so that fields which nobody here has heard of pass through. */
export class ApiCluster implements Cluster {
  readonly #options: ApiClusterOptions;
  #resources: Promise<Resources> | undefined;

  constructor(options: ApiClusterOptions) {
    this.#options = options;
  }

  get server(): string {
    return this.#options.client.server;
  }

  get namespace(): string {
    return this.#options.namespace;
  }

  resources(): Promise<Resources> {
    this.#resources ??= discover(this.#options.client);
    return this.#resources;
  }

  async get(ref: ObjectRef): Promise<LiveObject | undefined> {
    const path = await this.#path(ref);
    const text = await found(() => this.#client.ask(subjectOf(ref), { method: 'GET', path }));
    return text === undefined ? undefined : (JSON.parse(text.text) as LiveObject);
  }

  async list(kind: KindRef, which: Which = {}): Promise<readonly LiveObject[]> {
    return (await this.#list(kind, which)).objects;
  }

  async *watch(kind: KindRef, which: Which = {}): AsyncGenerator<WatchEvent> {
    const path = pathOf(await this.#resource(kind), { namespace: which.namespace ?? this.namespace });
    const { signal } = this.#options;
    yield* watching({
      signal,
      list: () => this.#list(kind, which),
      open: (version, seconds, ended) => {
        const more = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(seconds) };
        const query = queryOf({ ...selecting(which), ...more, resourceVersion: version });
        return this.#client.stream(kind.kind, { method: 'GET', path: `${path}${query}` }, ended);
      },
    });
  }

  async apply(object: WantedObject, options: ApplyOptions = {}): Promise<Applied> {
    const { manager = MANAGER, force = false, isRehearsal = false } = options;
    const ref = refOf(object);
    const query = queryOf({
      fieldManager: manager,
      fieldValidation: 'Strict',
      ...(force && { force: 'true' }),
      ...(isRehearsal && { dryRun: 'All' }),
    });
    const { text, headers } = await this.#client.ask(subjectOf(ref), {
      method: 'PATCH',
      path: `${await this.#path(ref)}${query}`,
      contentType: 'application/apply-patch+yaml',
      body: JSON.stringify(object),
    });
    return { object: JSON.parse(text) as LiveObject, warnings: warningsIn(headers['warning']) };
  }

  async remove(ref: ObjectRef, { uid, isForeground = false }: RemoveOptions = {}): Promise<boolean> {
    const body = JSON.stringify({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: isForeground ? 'Foreground' : 'Background',
      ...(uid !== undefined && { preconditions: { uid } }),
    });
    const path = await this.#path(ref);
    const asking = { method: 'DELETE', path, contentType: 'application/json', body } as const;
    return (await found(() => this.#client.ask(subjectOf(ref), asking), [404, 409])) !== undefined;
  }

  async logs(pod: ObjectRef, { container, tail, isPrevious = false }: LogOptions): Promise<string[]> {
    const query = queryOf({
      container,
      tailLines: String(tail),
      limitBytes: String(LOG_BYTES),
      ...(isPrevious && { previous: 'true' }),
    });
    const path = `${await this.#path(pod)}/log${query}`;
    const { text } = await this.#client.ask(subjectOf(pod), { method: 'GET', path, accept: '*/*' });
    return text.split('\n').filter(line => line.trim() !== '');
  }

  async events(of: LiveObject): Promise<readonly LiveObject[]> {
    const fields = `involvedObject.uid=${of.metadata.uid}`;
    const namespace = of.metadata.namespace ?? this.namespace;
    const all = await this.list({ apiVersion: 'v1', kind: 'Event' }, { fields, namespace });
    return all.toSorted((a, b) => momentOf(a) - momentOf(b));
  }

  close(): void {
    this.#options.close();
  }

  get #client(): Client {
    return this.#options.client;
  }

  async #resource(ref: KindRef): Promise<Resource> {
    const resource = (await this.resources()).find(ref);
    if (resource !== undefined) return resource;
    const { apiVersion, kind } = ref;
    throw failure('kind_unknown', { subject: kind, apiVersion, remedy: remedyFor(ref) });
  }

  async #path(ref: ObjectRef): Promise<string> {
    return pathOf(await this.#resource(ref), { namespace: ref.namespace ?? this.namespace, name: ref.name });
  }

  async #list(kind: KindRef, which: Which): Promise<{ objects: LiveObject[]; version: string }> {
    const path = pathOf(await this.#resource(kind), { namespace: which.namespace ?? this.namespace });
    const objects: LiveObject[] = [];
    for (let next = ''; ; ) {
      const query = queryOf({ ...selecting(which), limit: String(PAGE), ...(next && { continue: next }) });
      const accept = which.isMetadataOnly ? METADATA : 'application/json';
      const { text } = await this.#client.ask(kind.kind, { method: 'GET', path: `${path}${query}`, accept });
      const { items, metadata = {} } = JSON.parse(text) as List;
      // What is listed does not say what it is; and an empty list of metadata is null.
      objects.push(...(items ?? []).map(item => ({ ...item, ...kind })));
      next = metadata.continue ?? '';
      if (next === '') return { objects, version: metadata.resourceVersion ?? '' };
    }
  }
}

function selecting({ labels, fields }: Which): Record<string, string> {
  return {
    ...(labels !== undefined && { labelSelector: labels }),
    ...(fields !== undefined && { fieldSelector: fields }),
  };
}

function queryOf(parameters: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(parameters).toString();
  return text === '' ? '' : `?${text}`;
}

/** What the call gives; undefined where the server answers one of these statuses. */
async function found<T>(call: () => Promise<T>, statuses: readonly number[] = [404]): Promise<T | undefined> {
  try {
    return await call();
  } catch (error: unknown) {
    if (isStatus(error, statuses)) return undefined;
    throw error;
  }
}

function isStatus(error: unknown, statuses: readonly number[]): boolean {
  const facts = (error as Partial<AppError>).facts;
  return typeof facts?.['status'] === 'number' && statuses.includes(facts['status']);
}

/** `299 - "words"`, several with commas between. RFC 9111 §5.5. */
function warningsIn(header: string | undefined): string[] {
  return [...(header ?? '').matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    text.replaceAll(/\\(.)/g, '$1'),
  );
}

function momentOf(event: LiveObject): number {
  const { lastTimestamp, eventTime } = event as { lastTimestamp?: string | null; eventTime?: string | null };
  return Date.parse(lastTimestamp ?? eventTime ?? event.metadata.creationTimestamp ?? '') || 0;
}
