import type { ServerResponse } from 'node:http';
import { asAppError, failure } from '#base';
import { type Answering, FREE, type Guard, type HttpRequest, type Pass, permissionOf, targetOf } from '#net';
import type { Admission } from '../admission.ts';
import type { Predictions } from '../predictions.ts';
import type { Action, Content, Methods, Models, Protocol } from '../protocols/port.ts';
import type { Translation } from '../translation/io/translation.ts';
import { readBody } from './body.ts';
import { Exchange, type ExchangePorts } from './exchange.ts';

export interface FrontOptions extends ExchangePorts {
  /** Asked in order whose a path is. */
  readonly protocols: readonly Protocol[];
  readonly models: Models;
  readonly predictions: Predictions;
  readonly translation: Translation;
  readonly admission: Admission;
  /** Bytes of a request body. */
  readonly maxBody: number;
  /** Who may ask for what; everybody for everything where there is none. */
  readonly guard?: Guard | undefined;
}

type Predict = Extract<Action, { kind: 'predict' }>;
type Manage = Extract<Action, { kind: 'manage' }>;

interface Route {
  readonly protocol: Protocol;
  readonly methods: Methods;
}

/** Routes that are remembered, and the length of a path that is. */
const MOST_ROUTES = 256;
const LONGEST_PATH = 200;

/** A large model takes minutes to load, in which nothing moves on the connection. Milliseconds. */
const MANAGE_MS = 620_000;

/** Where HTTP requests come in: each goes to the protocol that its path belongs to. */
export class Front {
  readonly #options: FrontOptions;
  /** Of paths that were asked before: what they mean never changes. */
  readonly #routes = new Map<string, Route>();

  constructor(options: FrontOptions) {
    this.#options = options;
  }

  readonly handle = (request: HttpRequest, response: ServerResponse): Answering => {
    const exchange = new Exchange(request, response, this.#options);
    this.#answer(exchange).catch((error: unknown) => exchange.refuse(asAppError(error)));
    return exchange;
  };

  async #answer(exchange: Exchange): Promise<void> {
    const path = targetOf(exchange.request).replace(/\?.*$/s, '');
    const { guard } = this.#options;
    const entering = guard && this.#enter(exchange, path, guard);
    // A body is read by way of the stream once anything was awaited.
    if (entering !== undefined) await entering;
    // Who left while a token was checked asks nothing any more.
    if (exchange.answered) return;
    const action = this.#route(exchange, path);
    if (action.kind === 'answer') exchange.answer(action.reply(this.#options.models));
    else if (action.kind === 'manage') await this.#manage(exchange, action);
    else await this.#predict(exchange, action);
  }

  /** Throws or rejects for who may not ask this, in the words of the protocol whose path it is, before a body is read. */
  #enter(exchange: Exchange, path: string, guard: Guard): Promise<void> | undefined {
    exchange.protocol = this.#options.protocols.find(protocol => protocol.owns(path));
    const { headers } = exchange.request;
    const pass = guard.enter({ needs: permissionOf(path), header: name => joined(headers[name]) });
    const hold = (held: Pass): void => exchange.onClose(() => held.leave());
    if (pass instanceof Promise) return pass.then(hold);
    if (pass !== FREE) hold(pass);
    return undefined;
  }

  #route(exchange: Exchange, path: string): Action {
    const known = this.#routes.get(path);
    exchange.protocol = known?.protocol ?? this.#options.protocols.find(protocol => protocol.owns(path));
    if (exchange.protocol === undefined) throw failure('path_unknown', { path: path.slice(0, 200) });
    const methods = known?.methods ?? exchange.protocol.route(path);
    if (known === undefined) this.#remember(path, { protocol: exchange.protocol, methods });
    return choose(methods, exchange.request, path);
  }

  /** Clients choose paths: a full table begins anew. */
  #remember(path: string, route: Route): void {
    if (this.#routes.size === MOST_ROUTES) this.#routes.clear();
    if (path.length <= LONGEST_PATH) this.#routes.set(path, route);
  }

  async #predict(exchange: Exchange, { target, translator }: Predict): Promise<void> {
    const { predictions, translation } = this.#options;
    const prediction = predictions.open(exchange, target);
    exchange.prediction = prediction;
    predictions.check(prediction);
    const work = (content: Content): Promise<void> =>
      predictions.run(prediction, translation.of(translator), content);
    await this.#withBody(exchange, work, translator.tensorsAt?.(exchange.request.headers));
  }

  async #manage(exchange: Exchange, { reply }: Manage): Promise<void> {
    await this.#withBody(exchange, async content => {
      const { socket } = exchange.request;
      // The next request on the connection sets it back.
      socket.setTimeout(MANAGE_MS);
      exchange.answer(await reply({ ...content, peer: socket.remoteAddress }));
    });
  }

  /**
   * Works on a request's body, which counts as held until the work is done and the answer is through: a client that leaves
   * takes nothing back of what other threads are at.
   */
  async #withBody(
    exchange: Exchange,
    work: (content: Content) => Promise<void>,
    align?: number,
  ): Promise<void> {
    const { admission, maxBody } = this.#options;
    const { request } = exchange;
    const proceed = (): void => exchange.proceed();
    const bytes = await readBody(request, { limit: maxBody, admission, proceed, align });
    // Its memory may move to another thread, and its length with it.
    const { length } = bytes;
    exchange.received = length;
    try {
      await work({ bytes, headers: request.headers });
    } finally {
      exchange.onClose(() => admission.release(length));
    }
  }
}

function joined(values: string | readonly string[] | undefined): string | undefined {
  return typeof values === 'string' ? values : values?.join(',');
}

/** The action of a path for the request's method; HEAD is GET without the body, which node leaves out. */
function choose(methods: Methods, { method = 'GET' }: HttpRequest, path: string): Action {
  const action = methods[(method === 'HEAD' ? 'GET' : method) as keyof Methods];
  if (action !== undefined) return action;
  const allow = Object.keys(methods).flatMap(one => (one === 'GET' ? ['GET', 'HEAD'] : [one]));
  throw failure('method_not_allowed', { method, path: path.slice(0, 200), allow: allow.join(', ') });
}
