import { type AppError, failure } from '#base';
import type { Outcome } from '#spec';
import { type ModelMetrics, outcomeOf } from '../metrics/model-metrics.ts';
import type { Reply } from '../protocols/port.ts';
import type { Member, Roster } from '../roster.ts';
import type { Exchange } from './exchange.ts';

/** One prediction's outcome: counted once, whatever becomes of it: answered, refused, abandoned, or left by its client. */
export class Prediction implements Member {
  place = -1;
  pending = true;
  readonly exchange: Exchange;
  readonly #metrics: ModelMetrics;
  readonly #roster: Roster<Prediction>;

  constructor(exchange: Exchange, metrics: ModelMetrics, roster: Roster<Prediction>) {
    this.exchange = exchange;
    this.#metrics = metrics;
    this.#roster = roster;
    roster.join(this);
    exchange.prediction = this;
    // Every exchange closes in the end: the error is made only for those that are still pending by then.
    exchange.onClose(() => this.pending && this.fail(failure('client_gone', {})));
  }

  /** Its body is here: from now until its answer has gone out, it is in flight. */
  begin(): void {
    this.#metrics.inFlight.add(1);
    this.exchange.onClose(() => this.#metrics.inFlight.add(-1));
  }

  succeed(reply: Reply): void {
    this.exchange.answer(reply);
    this.#settle('success');
    const seconds = this.exchange.seconds();
    this.#metrics.latency.observe(seconds);
    this.#metrics.duration.observe(seconds);
  }

  fail(error: AppError): void {
    if (!this.pending) return;
    this.#settle(outcomeOf(error));
    this.exchange.fail(error);
  }

  #settle(outcome: Outcome): void {
    this.pending = false;
    this.#roster.leave(this);
    this.#metrics.requests[outcome].add(1);
  }
}
