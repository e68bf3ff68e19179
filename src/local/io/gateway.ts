import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AppError, asAppError, failure } from '#base';
import {
  type Answering,
  awaitsContinue,
  FREE,
  type Guard,
  type HttpDoor,
  type Pass,
  permissionOf,
  targetOf,
  validRequestId,
} from '#net';
import { type Client, Exchange, type HttpPassage } from './exchange.ts';
import type { OwnPages } from './own-pages.ts';
import { errorAnswer, respond } from './respond.ts';

/** The one door of a service: answers its own paths, and sends all others to a server. */
export class Gateway {
  readonly #door: HttpDoor;
  readonly #passage: HttpPassage;
  readonly #pages: OwnPages;

  constructor(door: HttpDoor, passage: HttpPassage, pages: OwnPages) {
    this.#door = door;
    this.#passage = passage;
    this.#pages = pages;
    door.serve((request, response) => this.#take(request, response));
  }

  get inFlight(): number {
    return this.#door.owed;
  }

  /** Takes no more connections, lets what is in flight finish for at most `graceMs`, then ends it. */
  close(graceMs: number): Promise<void> {
    return this.#door.close(graceMs);
  }

  #take(request: IncomingMessage, response: ServerResponse): Answering {
    const requestId = validRequestId(request.headers['x-request-id']) ?? randomUUID();
    try {
      this.#dispatch(request, response, requestId);
    } catch (error: unknown) {
      this.#fail(response, asAppError(error), requestId);
    }
    return {
      refuse: error => {
        if (!response.headersSent) this.#fail(response, error, requestId);
        // What was to be answered will never be whole, and an answer that streams might wait for it.
        else if (!response.writableEnded) response.destroy();
      },
      closed: () => undefined,
    };
  }

  #dispatch(request: IncomingMessage, response: ServerResponse, requestId: string): void {
    const path = targetOf(request);
    const guard = this.#passage.guard();
    const pass = guard === undefined ? FREE : enter(guard, request, path);
    if (!(pass instanceof Promise)) return this.#admit(pass, { request, response, requestId, path });
    pass
      .then(granted => this.#admit(granted, { request, response, requestId, path }))
      .catch((error: unknown) => this.#fail(response, asAppError(error), requestId));
  }

  #admit(pass: Pass, client: Client): void {
    const { response } = client;
    if (isAnswered(response)) return pass.leave();
    if (pass !== FREE) response.once('close', () => pass.leave());
    this.#forward(client);
  }

  #forward({ request, response, requestId, path }: Client): void {
    const from = { peer: request.socket.remoteAddress, headers: request.headers };
    const page = this.#pages.find(request.method ?? 'GET', path, from);
    if (page) {
      request.resume();
      page().then(
        answer => respond(response, answer, requestId),
        (error: unknown) => this.#fail(response, asAppError(error), requestId),
      );
      return;
    }
    const { concurrent } = this.#passage.limits;
    if (this.#door.owed > concurrent)
      throw failure('overloaded', { limit: `${concurrent} requests in flight` });
    if (awaitsContinue(request)) response.writeContinue();
    new Exchange(this.#passage, { request, response, requestId, path }).start();
  }

  /** A refusal before the request went anywhere. What is left of its body is read and dropped. */
  #fail(response: ServerResponse, error: AppError, requestId: string): void {
    if (isAnswered(response)) return;
    if (error.code === 'internal')
      this.#passage.logger.log('error', 'request failed', { request_id: requestId, error: error.message });
    response.req.resume();
    this.#passage.tally.answered(undefined, error.status, this.#passage.clock.now());
    respond(response, errorAnswer(error), requestId);
  }
}

/** While a token was checked, its request may have broken, or its client left. */
function isAnswered({ closed, headersSent }: ServerResponse): boolean {
  return closed || headersSent;
}

function enter(guard: Guard, { headers }: IncomingMessage, path: string): Pass | Promise<Pass> {
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : value?.join(',');
  };
  return guard.enter({ needs: permissionOf(path.split('?', 1)[0] ?? path), header });
}
