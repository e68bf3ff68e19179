/** Requests to one API server: tried again where that may help, and ended with their owner. */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AppError, failure, messageOf, pauseBefore } from '#base';
import { refusalOf, type Status, statusIn } from '../../refusal.ts';
import type { Access } from '../access/access.ts';
import { type Answer, type Asking, begin, whole } from './exchange.ts';

export interface Times {
  /** For one attempt, from its connection to the end of its answer. Milliseconds. */
  readonly requestMs: number;
  readonly attempts: number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const usualTimes: Times = {
  requestMs: 30_000,
  attempts: 6,
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
};

const BACKOFF = { first: 250, most: 8_000 };
/** No server is waited for longer, whatever it asks for. */
const LONGEST_PAUSE_MS = 30_000;

/** Statuses after which the same request may be done. All requests of ours may be sent twice. */
const BUSY: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

export class Client {
  readonly #access: Access;
  readonly #signal: AbortSignal;
  readonly #times: Times;

  constructor(access: Access, signal: AbortSignal, times: Times = usualTimes) {
    this.#access = access;
    this.#signal = signal;
    this.#times = times;
  }

  get server(): string {
    return this.#access.server.host;
  }

  /** The answer of a success. `subject` is what it is about, in messages. */
  async ask(subject: string, asking: Asking): Promise<Answer> {
    const answer = await this.#tried(async signal => {
      const way = await this.#access.way();
      return whole(await begin(this.#access.server, way, asking, signal));
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refusalOf(subject, answer.status, statusIn(answer.text));
  }

  /** An answer that goes on for as long as the signal lets it. */
  async stream(subject: string, asking: Asking, signal: AbortSignal): Promise<IncomingMessage> {
    const both = AbortSignal.any([signal, this.#signal]);
    const message = await begin(this.#access.server, await this.#access.way(), asking, both);
    if (message.statusCode === 200) return message;
    const { status, text } = await whole(message);
    throw refusalOf(subject, status, statusIn(text));
  }

  async #tried(once: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt + 1 >= this.#times.attempts;
      const outcome = await this.#attempt(once);
      if ('text' in outcome && !isBusy(outcome)) return outcome;
      if (isLast || ('error' in outcome && isHopeless(outcome.error))) throw this.#lost(outcome);
      await this.#times.pause(pauseAfter(outcome, attempt), this.#signal);
    }
  }

  async #attempt(
    once: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer | { readonly error: unknown }> {
    this.#signal.throwIfAborted();
    const deadline = AbortSignal.timeout(this.#times.requestMs);
    try {
      return await once(AbortSignal.any([this.#signal, deadline]));
    } catch (error: unknown) {
      this.#signal.throwIfAborted();
      if (deadline.aborted) return { error: new Error(`no answer in ${this.#times.requestMs / 1000} s`) };
      return { error };
    }
  }

  #lost(outcome: Answer | { readonly error: unknown }): AppError {
    if ('text' in outcome) {
      const { message } = statusIn(outcome.text);
      const problem = message === undefined || message === '' ? 'no reason given' : message;
      return failure('cluster_unreachable', { server: this.server, status: outcome.status, problem });
    }
    const { error } = outcome;
    if (isOurs(error)) return error;
    return failure('cluster_unreachable', { server: this.server, problem: problemOf(error) }, error);
  }
}

function isBusy({ status, text }: Answer): boolean {
  // Kubernetes answers 500 for an object that no schema fits, and will do so for ever.
  return BUSY.has(status) && !/failed to create typed patch object|failed calling webhook/.test(text);
}

function pauseAfter(outcome: Answer | { readonly error: unknown }, attempt: number): number {
  const usual = pauseBefore(attempt, BACKOFF);
  if ('error' in outcome) return usual;
  const { details }: Status = statusIn(outcome.text);
  const wanted = Number(outcome.headers['retry-after'] ?? details?.retryAfterSeconds);
  return Number.isFinite(wanted) ? Math.min(LONGEST_PAUSE_MS, Math.max(wanted * 1000, usual)) : usual;
}

/** What another attempt would find again: a name that does not exist, a certificate that does not fit, an error of our own. */
const HOPELESS =
  /^(?:ENOTFOUND|CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_SSL_|EPROTO|HOSTNAME_)/;

function isHopeless(error: unknown): boolean {
  return isOurs(error) || HOPELESS.test(codeOf(error));
}

function isOurs(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Where several addresses were tried, Node's message is empty. */
function problemOf(error: unknown): string {
  const text = messageOf(error);
  return text === '' ? codeOf(error) || 'the connection failed' : text;
}
