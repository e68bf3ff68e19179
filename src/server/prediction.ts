import { type AppError, failure } from '#base';
import type { ModelIdentity, Outcome } from '#spec';
import type { Terms } from './batching/port.ts';
import { type ModelMetrics, outcomeOf } from './metrics/model-metrics.ts';
import type { RunningModel } from './models/running.ts';
import type { CallerFacts, Observation } from './observing/observation.ts';
import type { Member, Roster } from './roster.ts';
import type { RequestTimes } from './statistics/model-statistics.ts';

/** Whoever waits for a prediction, over whatever it came; `R` is what it is answered with. */
export interface Caller<R> {
  /** When the request began to arrive, on the clock. */
  readonly since: number;
  /** A header, or metadata, by its name in lower case. */
  header(name: string): string | string[] | undefined;
  /** Its address, as long as it is connected. */
  readonly client: string | undefined;
  /** Since the request began to arrive. */
  seconds(): number;
  /** By when it is to be answered, and how urgent it is. Throws `input_invalid`. */
  terms(): Terms;
  /** Calls back once the caller has its whole answer, or has left. */
  onClose(callback: () => void): void;
  answer(reply: R): void;
  /** Answers with an error, in the protocol's words. */
  fail(error: AppError): void;
  /** For whoever tells of it, once it is over. */
  facts(): CallerFacts;
}

interface Counted {
  readonly identity: ModelIdentity;
  readonly model: RunningModel | undefined;
  readonly metrics: ModelMetrics;
  readonly roster: Roster<Prediction<never>>;
  readonly seen: Observation | undefined;
}

/** One prediction's outcome: counted once, whatever becomes of it: answered, refused, abandoned, or left by its client. */
export class Prediction<R> implements Member {
  place = -1;
  pending = true;
  readonly identity: ModelIdentity;
  /** What was ready to answer it when it came, or was loaded for it; used until it is settled. */
  model: RunningModel | undefined;
  readonly caller: Caller<R>;
  /** Undefined unless somebody wants to know more of it. */
  readonly seen: Observation | undefined;
  readonly #metrics: ModelMetrics;
  readonly #roster: Roster<Prediction<never>>;

  constructor(caller: Caller<R>, counted: Counted) {
    this.caller = caller;
    this.identity = counted.identity;
    this.model = counted.model;
    this.#metrics = counted.metrics;
    this.#roster = counted.roster;
    this.seen = counted.seen;
    counted.roster.join(this);
    this.model?.enter();
    // Every exchange closes in the end: the error is made only for those that are still pending by then.
    caller.onClose(() => this.pending && this.fail(failure('client_gone', {})));
  }

  /** The model that was not loaded when it came is now, and was entered on its behalf. */
  meet(model: RunningModel): void {
    if (this.pending) this.model = model;
    else model.leave();
  }

  /** Its body is here: from now until its answer has gone out, it is in flight. */
  begin(): void {
    this.#metrics.inFlight.add(1);
    this.caller.onClose(() => this.#metrics.inFlight.add(-1));
  }

  succeed(reply: R, times: RequestTimes): void {
    if (!this.pending) return;
    // Before it answers: a caller may be done with its answer at once, and must not find it pending then.
    this.#settle('success');
    this.seen?.settle('success');
    this.caller.answer(reply);
    const seconds = this.caller.seconds();
    this.model?.statistics.succeeded(seconds * 1000, times);
    this.#metrics.latency.observe(seconds);
    this.#metrics.duration.observe(seconds);
  }

  fail(error: AppError): void {
    if (!this.pending) return;
    this.model?.statistics.failed(this.caller.seconds() * 1000);
    const outcome = outcomeOf(error);
    this.#settle(outcome);
    this.seen?.settle(outcome, error);
    this.caller.fail(error);
  }

  #settle(outcome: Outcome): void {
    this.pending = false;
    this.#roster.leave(this);
    this.#metrics.requests[outcome].add(1);
    this.model?.leave();
  }
}
