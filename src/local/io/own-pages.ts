import { failure } from '#base';
import type { Arriving, Refusals } from '#net';
import type { ModelIdentity } from '#spec';
import type { Told } from '#telemetry';
import type { Endpoint } from '../endpoint.ts';
import { gatewayMetrics } from '../gateway-metrics.ts';
import { mergeMetrics, type Page } from '../merge-metrics.ts';
import type { Tally } from '../tally.ts';
import type { LocalStatus } from '../words.ts';
import { getOf } from './get.ts';
import { type Answer, json } from './respond.ts';

export interface OwnPagesOptions {
  readonly status: () => LocalStatus;
  /** Whether probes hear that it is ready. */
  readonly isReady: (status: LocalStatus) => boolean;
  /** The server processes that listen, in rotation or not. */
  readonly endpoints: () => readonly Endpoint[];
  readonly tally: Tally;
  readonly refusals: Refusals;
  /** Whether anybody may know of the revisions. */
  readonly isOpen: () => boolean;
  /** What became of the gateway's spans, where it is traced. */
  readonly told?: (() => Told) | undefined;
  readonly metricsMs: number;
  /** Begins a drain, for who may ask for one; without it, nobody can. */
  readonly drain?: DrainRequests | undefined;
}

interface DrainRequests {
  readonly allows: (asked: Arriving) => boolean;
  readonly begin: () => void;
}

/** One path, here and at a server. */
const DRAIN = '/fairlead/drain';

const MOST_METRICS_BYTES = 16 * 1024 * 1024;

/** What the gateway answers by itself. */
export class OwnPages {
  readonly #options: OwnPagesOptions;
  readonly #pages: ReadonlyMap<string, () => Promise<Answer>>;

  constructor(options: OwnPagesOptions) {
    this.#options = options;
    this.#pages = new Map([
      ['/', async () => json(200, index(options.status()))],
      ['/health', async () => health(options.status(), options)],
      ['/health/live', async () => json(200, { status: 'ok' })],
      ['/metrics', () => this.#metrics()],
    ]);
  }

  /** The page at a path, if it is one of the gateway's own. Throws `method_not_allowed` or `drain_forbidden`. */
  find(method: string, path: string, from: Arriving): (() => Promise<Answer>) | undefined {
    const bare = path.split('?', 1)[0] ?? path;
    const { drain } = this.#options;
    if (bare === DRAIN && drain !== undefined) return drainPage(drain, method, from);
    const page = this.#pages.get(bare);
    if (page && method !== 'GET' && method !== 'HEAD')
      throw failure('method_not_allowed', { method, path: bare, allow: 'GET, HEAD' });
    return page;
  }

  async #metrics(): Promise<Answer> {
    const { endpoints, metricsMs, status, tally, refusals, told } = this.#options;
    const pages = await Promise.all(endpoints().map(endpoint => pageOf(endpoint, metricsMs)));
    const own = gatewayMetrics(status(), tally, { refusals, told: told?.() });
    const body = own + mergeMetrics(pages.flat());
    return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body };
  }
}

function drainPage(drain: DrainRequests, method: string, from: Arriving): () => Promise<Answer> {
  if (method !== 'POST') throw failure('method_not_allowed', { method, path: DRAIN, allow: 'POST' });
  if (!drain.allows(from)) throw failure('drain_forbidden', {});
  return async () => {
    drain.begin();
    return json(202, { status: 'draining' });
  };
}

/** A server's page; none when it does not answer in time, which its health tells already. */
async function pageOf(endpoint: Endpoint, deadlineMs: number): Promise<Page[]> {
  const { metrics, revision, server } = endpoint;
  if (metrics === undefined) return [];
  const signal = AbortSignal.timeout(deadlineMs);
  const ask = { ...metrics, signal, mostBytes: MOST_METRICS_BYTES };
  const found = await getOf(endpoint, ask).catch(() => undefined);
  return found?.status === 200 ? [{ text: found.text, labels: { revision, server: String(server) } }] : [];
}

/** Where credentials are asked for, probes, which have none, learn no more than they need. */
function health(status: LocalStatus, { isReady, isOpen }: OwnPagesOptions): Answer {
  const { service, arms, state } = status;
  const code = isReady(status) ? 200 : 503;
  const said = state === 'serving' ? 'ok' : 'degraded';
  if (!isOpen()) return json(code, { status: said });
  const revisions = arms.map(({ revision, role, models, weight, healthy, servers }) => ({
    name: revision,
    role,
    ...only(models, ({ version }) => ({ model_version: version })),
    weight,
    healthy,
    servers: servers.length,
  }));
  return json(code, { status: said, service, revisions });
}

function index({ service, url, grpc, arms }: LocalStatus): object {
  return {
    service,
    predict: `${url}/predict`,
    health: `${url}/health`,
    metrics: `${url}/metrics`,
    ...(grpc !== undefined && { grpc }),
    revisions: arms.map(({ revision, role, models, weight }) => ({
      name: revision,
      role,
      ...only(models, ({ name, version }) => ({ model: name, model_version: version })),
      weight,
    })),
  };
}

/** Tells of the only model of a revision; several are listed. */
function only(models: readonly ModelIdentity[], tell: (model: ModelIdentity) => object): object {
  const [first, second] = models;
  if (first !== undefined && second === undefined) return tell(first);
  return { models: models.map(({ name, version }) => ({ name, version })) };
}
