import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AppError, asAppError, failure, targetOf } from '#base';
import type { ModelIdentity } from '#spec';
import type { Executor } from '../batching/io/executor.ts';
import type { ModelMetrics } from '../metrics/model-metrics.ts';
import type { Directory } from '../models/directory.ts';
import type { ServedModel } from '../models/signature.ts';
import type { Action, Methods, Protocol } from '../protocols/port.ts';
import { Roster } from '../roster.ts';
import type { Admission } from './admission.ts';
import { readBody } from './body.ts';
import { Exchange, type ExchangePorts } from './exchange.ts';
import { Prediction } from './prediction.ts';

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
 * translate.
 */
export class Front {
  readonly #options: FrontOptions;
  /** Predictions that are still owed an answer. */
  readonly #predicting = new Roster<Prediction>();

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  /** Answers what is still in flight with 503, when there is no more time for it. */
  abandon(): void {
    for (const prediction of this.#predicting.all()) prediction.fail(failure('draining', {}));
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): ((error: AppError) => void) => {
    const exchange = new Exchange(request, response, this.#options);
    this.#answer(exchange).catch((error: unknown) => exchange.refuse(asAppError(error)));
    return error => exchange.refuse(error);
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

  async #predict(exchange: Exchange, action: Predict): Promise<void> {
    const { models, metricsOf } = this.#options;
    const identity = models.identify(action.target);
    exchange.model = identity;
    const prediction = new Prediction(exchange, metricsOf(identity), this.#predicting);
    await this.#run(prediction, action, identity);
  }

  async #run(prediction: Prediction, action: Predict, identity: ModelIdentity): Promise<void> {
    const { exchange } = prediction;
    const { models, admission, maxBody } = this.#options;
    const model = models.served(identity);
    admission.check();
    const body = await readBody(exchange.request, {
      limit: maxBody,
      admission,
      proceed: () => exchange.proceed(),
    });
    exchange.onClose(() => admission.release(body.length));
    exchange.onClose(admission.enter());
    prediction.begin();
    const { request, reply } = action.decode(body, model);
    const { outputs, cancel } = model.executor.submit(request);
    exchange.onClose(cancel);
    const answers = await outputs;
    if (prediction.pending) prediction.succeed(reply(answers, exchange.seconds()));
  }
}

/** The action of a path for the request's method; HEAD is GET without the body, which node leaves out. */
function choose(methods: Methods, { method = 'GET' }: IncomingMessage, path: string): Action {
  const action = methods[(method === 'HEAD' ? 'GET' : method) as keyof Methods];
  if (action !== undefined) return action;
  const allow = Object.keys(methods).flatMap(one => (one === 'GET' ? ['GET', 'HEAD'] : [one]));
  throw failure('method_not_allowed', { method, path: path.slice(0, 200), allow: allow.join(', ') });
}
