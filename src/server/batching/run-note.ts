import { type TraceContext, traceparentOf } from '#base';
import type { Flush } from '#spec';
import type { Place } from '../models/settings.ts';

/** Whoever wants to know in which runs a request was. */
export interface Trail {
  /** A run with it begins. */
  joined(note: RunNote): void;
}

/** The spans of one request's part in a run, drawn before it: what runs may be told whose it is. */
export interface RunContexts {
  readonly batch: TraceContext;
  readonly run: TraceContext;
  readonly worker: TraceContext;
}

/** Of those who share a run, so many know of one another. */
const MOST_CONTEXTS = 32;

/** One run, for those of its requests that somebody wants to know more of. Moments are milliseconds on the clock. */
export class RunNote {
  readonly begun: number;
  readonly requests: number;
  readonly rows: number;
  readonly flush: Flush;
  readonly place: Place;
  /** Inputs were joined, the model answered, outputs were split. 0 until then. */
  joined = 0;
  ran = 0;
  split = 0;
  /** What the model itself took. Milliseconds. */
  modelMs = 0;
  /** The code of what it failed with: a message may quote what was sent. */
  problem: string | undefined;
  readonly #contexts: RunContexts[] = [];

  constructor(run: Pick<RunNote, 'begun' | 'requests' | 'rows' | 'flush' | 'place'>) {
    this.begun = run.begun;
    this.requests = run.requests;
    this.rows = run.rows;
    this.flush = run.flush;
    this.place = run.place;
  }

  /** A request of it is traced. */
  trace(contexts: RunContexts): void {
    if (this.#contexts.length < MOST_CONTEXTS) this.#contexts.push(contexts);
  }

  /** Those who are traced in it. */
  get contexts(): readonly RunContexts[] {
    return this.#contexts;
  }

  /** What the model may be told: a `traceparent` for each. */
  get traceparents(): readonly string[] {
    return this.#contexts.map(({ worker }) => traceparentOf(worker));
  }

  fail(problem: string, now: number): void {
    this.problem = problem;
    this.joined ||= now;
    this.ran ||= now;
    this.split = now;
  }
}
