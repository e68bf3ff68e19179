import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AppError, asAppError, failure, targetOf } from '#base';
import type { ModelIdentity } from '#spec';
import type { Executor } from '../batching/io/executor.ts';
import { type ModelMetrics, outcomeOf } from '../metrics/model-metrics.ts';
import type { Directory } from '../models/directory.ts';
import type { ServedModel } from '../models/signature.ts';
import type { Action, Methods, Protocol } from '../protocols/port.ts';
import type { Admission } from './admission.ts';
import { readBody } from './body.ts';
import { Exchange, type ExchangePorts } from './exchange.ts';

/** A model with everything that answers for it. */
export interface RunningModel extends ServedModel {
  readonly executor: Executor;
}

export interface FrontOptions extends ExchangePorts {
  /** Asked in order whose a path is. */
  readonly protocols: readonly Protocol[];
  readonly models: Directory<RunningModel>;
  readonly metricsOf: (model: ModelIdentity) => ModelMetrics;
  readonly admission: Admission;
  /** Bytes of a request body. */
  readonly maxBody: number;
}

type Predict = Extract<Action, { kind: 'predict' }>;

/**
 * The path of every request: to its protocol, its model, its batch, and back. All protocols share it; they only
 * translate. `closing` refuses new predictions.
 */
export class Front {
  readonly #options: FrontOptions;
  /** Predictions that are still owed an answer. */
  readonly #predicting = new Map<Exchange, (error: AppError) => void>();
  closing = false;

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  /** Answers what is still in flight with 503, when there is no more time for it. */
  abandon(): void {
    for (const refuse of this.#predicting.values()) refuse(failure('draining', {}));
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const exchange = new Exchange(request, response, this.#options);
    this.#answer(exchange).catch((error: unknown) => exchange.fail(asAppError(error)));
  };

  async #answer(exchange: Exchange): Promise<void> {
    const action = this.#route(exchange);
    if (action.kind === 'answer') exchange.answer(action.reply(this.#options.models));
    else await this.#predict(exchange, action);
  }

  #route(exchange: Exchange): Action {
    const path = targetOf(exchange.request).replace(/\?.*$/s, '');
    exchange.protocol = this.#options.protocols.find(protocol => protocol.owns(path));
    if (exchange.protocol === undefined) throw failure('path_unknown', { path: path.slice(0, 200) });
    return choose(exchange.protocol.route(path), exchange.request, path);
  }

  /** Counts a prediction's outcome, once, whatever becomes of it: answered, refused, abandoned, or left by its client. */
  async #predict(exchange: Exchange, action: Predict): Promise<void> {
    const { models, metricsOf } = this.#options;
    const identity = models.identify(action.target);
    const metrics = metricsOf(identity);
    exchange.model = identity;
    let counted = false;
    const settle = (error: AppError | undefined): void => {
      if (counted) return;
      counted = true;
      this.#predicting.delete(exchange);
      metrics.requests[error === undefined ? 'success' : outcomeOf(error)].add(1);
      if (error !== undefined) exchange.fail(error);
    };
    this.#predicting.set(exchange, settle);
    // Every exchange closes in the end: the error is made only for those that are not settled by then.
    exchange.onClose(() => counted || settle(failure('client_gone', {})));
    try {
      await this.#run(exchange, action, { identity, metrics, settle: () => settle(undefined) });
    } catch (error: unknown) {
      settle(asAppError(error));
    }
  }

  async #run(exchange: Exchange, action: Predict, { identity, metrics, settle }: Running): Promise<void> {
    const { models, admission, maxBody } = this.#options;
    if (this.closing) throw failure('draining', {});
    const model = models.served(identity);
    admission.check();
    const body = await readBody(exchange.request, { limit: maxBody, admission });
    exchange.onClose(() => admission.release(body.length));
    exchange.onClose(admission.enter());
    metrics.inFlight.add(1);
    exchange.onClose(() => metrics.inFlight.add(-1));
    const { request, reply } = action.decode(body, model);
    const { outputs, cancel } = model.executor.submit(request);
    exchange.onClose(cancel);
    const answers = await outputs;
    if (exchange.answered) return;
    exchange.answer(reply(answers, exchange.seconds()));
    settle();
    const seconds = exchange.seconds();
    metrics.latency.observe(seconds);
    metrics.duration.observe(seconds);
  }
}

interface Running {
  readonly identity: ModelIdentity;
  readonly metrics: ModelMetrics;
  readonly settle: () => void;
}

/** The action of a path for the request's method; HEAD is GET without the body, which node leaves out. */
function choose(methods: Methods, { method = 'GET' }: IncomingMessage, path: string): Action {
  const action = methods[(method === 'HEAD' ? 'GET' : method) as keyof Methods];
  if (action !== undefined) return action;
  const allow = Object.keys(methods).flatMap(one => (one === 'GET' ? ['GET', 'HEAD'] : [one]));
  throw failure('method_not_allowed', { method, path: path.slice(0, 200), allow: allow.join(', ') });
}
