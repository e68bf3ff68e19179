import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AppError, asAppError, type Clock, failure, type Logger } from '#base';
import type { Executor } from '../batching/io/executor.ts';
import { type ModelMetrics, outcomeOf } from '../metrics/model-metrics.ts';
import type { Directory } from '../models/directory.ts';
import type { ServedModel } from '../models/signature.ts';
import { type Action, json, type Methods, type Protocol, type Reply } from '../protocols/port.ts';
import { type RequestIds, requestIds } from '../request-ids.ts';
import { readBody } from './body.ts';

/** A model with everything that answers for it. */
export interface RunningModel extends ServedModel {
  readonly executor: Executor;
  readonly metrics: ModelMetrics;
}

export interface FrontOptions {
  readonly protocols: readonly Protocol[];
  readonly models: Directory<RunningModel>;
  readonly metricsText: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly freshId: () => string;
  readonly maxBody: number;
  readonly maxInFlight: number;
}

/** One request on its way. */
interface Exchange extends RequestIds {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  readonly since: number;
  /** Words errors once the path has told the protocol. */
  protocol: Protocol | undefined;
  /** Counts the outcome once the path has told the model. */
  model: RunningModel | undefined;
}

/**
 * The path of every request: to its protocol, its model, its batch, and back. All protocols share it; they only
 * translate. `draining` closes connections after their answer; `closing` refuses new predictions.
 */
export class Front {
  readonly #options: FrontOptions;
  /** Predictions accepted and not yet answered. */
  readonly #inFlight = new Set<Exchange>();
  #idle: (() => void)[] = [];
  draining = false;
  closing = false;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  /** Resolves when no prediction is in flight. */
  idle(): Promise<void> {
    return new Promise(resolve => (this.#inFlight.size === 0 ? resolve() : this.#idle.push(resolve)));
  }

  /** Answers what is still in flight with 503, when there is no more time for it. */
  abandon(): void {
    for (const exchange of this.#inFlight) this.#fail(exchange, failure('draining', {}));
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { clock, freshId } = this.#options;
    const url = request.url ?? '/';
    const query = url.indexOf('?');
    const exchange: Exchange = {
      request,
      response,
      path: query === -1 ? url : url.slice(0, query),
      since: clock.now(),
      protocol: undefined,
      model: undefined,
      ...requestIds(request.headers, freshId),
    };
    this.#answer(exchange).catch((error: unknown) => this.#fail(exchange, asAppError(error)));
  };

  async #answer(exchange: Exchange): Promise<void> {
    const action = this.#route(exchange);
    if (action.kind === 'answer') return this.#send(exchange, action.reply(this.#options.models));
    return this.#predict(exchange, action);
  }

  #route(exchange: Exchange): Action {
    const { path, request } = exchange;
    const own = this.#operations(path);
    if (own !== undefined) return choose(own, request, path);
    for (const protocol of this.#options.protocols) {
      if (!protocol.owns(path)) continue;
      exchange.protocol = protocol;
      return choose(protocol.route(path), request, path);
    }
    throw failure('path_unknown', { path: path.slice(0, 200) });
  }

  /** Paths of no protocol. `/health` says 200 only when every model has answered its warm-up, and not while draining. */
  #operations(path: string): Methods | undefined {
    if (path === '/health')
      return get(models =>
        json(models.ready() && !this.draining ? 200 : 503, this.#healthText(models.ready())),
      );
    if (path === '/health/live') return get(() => json(200, '{"status":"ok"}'));
    if (path === '/metrics')
      return get(() => ({
        status: 200,
        type: 'text/plain; version=0.0.4; charset=utf-8',
        body: this.#options.metricsText(),
      }));
    return undefined;
  }

  #healthText(ready: boolean): string {
    const models = this.#options.models.served().map(({ name, version }) => ({ name, version }));
    return JSON.stringify({ status: this.draining ? 'draining' : ready ? 'ok' : 'loading', models });
  }

  async #predict(exchange: Exchange, action: Extract<Action, { kind: 'predict' }>): Promise<void> {
    const { models, maxBody, maxInFlight, clock } = this.#options;
    const model = models.find(action.target);
    exchange.model = model;
    if (this.closing) throw failure('draining', {});
    if (this.#inFlight.size >= maxInFlight) throw failure('overloaded', { limit: maxInFlight });
    this.#enter(exchange, model);
    try {
      const body = await readBody(exchange.request, maxBody);
      const { request, reply } = action.decode(body, model);
      const outputs = await model.executor.submit(request);
      const seconds = (clock.now() - exchange.since) / 1000;
      this.#send(exchange, reply(outputs, seconds));
      model.metrics.requests.success.add(1);
      model.metrics.latency.observe(seconds);
      model.metrics.duration.observe(seconds);
    } finally {
      this.#leave(exchange, model);
    }
  }

  #enter(exchange: Exchange, model: RunningModel): void {
    this.#inFlight.add(exchange);
    model.metrics.inFlight.add(1);
  }

  #leave(exchange: Exchange, model: RunningModel): void {
    this.#inFlight.delete(exchange);
    model.metrics.inFlight.add(-1);
    if (this.#inFlight.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #fail(exchange: Exchange, error: AppError): void {
    if (exchange.response.headersSent) return;
    exchange.model?.metrics.requests[outcomeOf(error)].add(1);
    const reply =
      exchange.protocol?.error(error) ?? json(error.status, JSON.stringify({ error: error.message }));
    this.#send(exchange, reply, error);
    // The rest of a refused body is read and dropped, within the request's time: closing on it would reset the
    // connection, and with that the answer.
    if (!exchange.request.complete) exchange.request.resume();
  }

  #send(exchange: Exchange, { status, type, body }: Reply, error?: AppError): void {
    const { response, requestId, traceparent } = exchange;
    this.#log(exchange, status, error);
    if (response.destroyed || response.headersSent) return;
    const headers = [
      'Content-Type',
      type,
      'Content-Length',
      String(Buffer.byteLength(body)),
      'x-request-id',
      requestId,
    ];
    if (traceparent !== undefined) headers.push('traceparent', traceparent);
    if (error !== undefined) headers.push(...errorHeaders(error));
    if (this.draining || (error !== undefined && !exchange.request.complete))
      headers.push('Connection', 'close');
    response.writeHead(status, headers);
    response.end(body);
  }

  #log(exchange: Exchange, status: number, error: AppError | undefined): void {
    const { logger, clock } = this.#options;
    const level = error === undefined ? 'debug' : error.status >= 500 ? 'error' : 'info';
    if (!logger.enabled(level)) return;
    const { request, path, requestId, traceparent, model, since } = exchange;
    logger.log(level, error === undefined ? 'request answered' : 'request failed', {
      request_id: requestId,
      trace_id: traceparent?.split('-')[1],
      method: request.method,
      path: path.slice(0, 200),
      status,
      ms: Number((clock.now() - since).toFixed(3)),
      model: model?.name,
      version: model?.version,
      code: error?.code,
      error: error?.message,
    });
  }
}

function get(reply: Extract<Action, { kind: 'answer' }>['reply']): Methods {
  return { GET: { kind: 'answer', reply } };
}

/** The action of a path for the request's method; HEAD is GET without the body, which node leaves out. */
function choose(methods: Methods, { method = 'GET' }: IncomingMessage, path: string): Action {
  const action = methods[(method === 'HEAD' ? 'GET' : method) as keyof Methods];
  if (action !== undefined) return action;
  const allow = Object.keys(methods).flatMap(one => (one === 'GET' ? ['GET', 'HEAD'] : [one]));
  throw failure('method_not_allowed', { method, path: path.slice(0, 200), allow: allow.join(', ') });
}

function errorHeaders({ code, facts }: AppError): string[] {
  if (code === 'method_not_allowed') return ['Allow', String(facts['allow'])];
  if (code === 'encoding_unsupported') return ['Accept-Encoding', 'identity'];
  if (code === 'overloaded' || code === 'model_not_ready' || code === 'draining') return ['Retry-After', '1'];
  return [];
}
