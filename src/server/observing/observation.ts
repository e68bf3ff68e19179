import { type AppError, type Clock, isRecorded, type TraceContext, type Tracer } from '#base';
import type { ModelIdentity, Outcome } from '#spec';
import type { RunContexts, RunNote, Trail } from '../batching/run-note.ts';
import type { InferRequest, ServedModel } from '../models/signature.ts';
import type { Tensor } from '../tensors/tensor.ts';

/** What is known of who asks, once it is answered. */
export interface CallerFacts {
  readonly kind: 'http' | 'grpc';
  /** `POST`; undefined for gRPC. */
  readonly method?: string;
  /** Without its query, which may hold secrets. */
  readonly path: string;
  readonly requestId: string;
  /** Of HTTP, or of gRPC; undefined when nothing was answered. */
  readonly status: number | undefined;
  /** Bytes of body or message, as far as they came. */
  readonly received: number;
  readonly sent: number;
  /** What the client spoke; undefined for gRPC. */
  readonly scheme?: 'http' | 'https';
}

/** Runs that are kept of one request: of a batch that fails again and again, the last halves. */
const MOST_RUNS = 16;

/** A run that a request was part of. */
export interface OwnRun {
  readonly note: RunNote;
  /** Where it is traced. */
  readonly contexts: RunContexts | undefined;
}

/** Texts of tensors for a record, made while the tensors are still here. */
export interface PayloadTexts {
  readonly inputs: (model: ServedModel, request: InferRequest) => string;
  readonly outputs: (model: ServedModel, outputs: readonly Tensor[]) => string;
}

export interface ObservationOptions {
  readonly clock: Clock;
  readonly tracer: Tracer;
  /** When the request began to arrive. */
  readonly since: number;
  readonly parent: TraceContext | undefined;
  /** The server's own span; undefined where nothing is traced. */
  readonly context: TraceContext | undefined;
  /** The client's address. */
  readonly client: string | undefined;
  /** Of who is recorded. */
  readonly texts: PayloadTexts | undefined;
}

/** What one prediction went through and when, for those of which somebody wants to know. */
export class Observation implements Trail {
  readonly since: number;
  readonly parent: TraceContext | undefined;
  readonly context: TraceContext | undefined;
  readonly client: string | undefined;
  /** Whether its payload is kept. */
  readonly isKept: boolean;
  /** Moments on the clock; undefined for what it did not come to. */
  received: number | undefined;
  /** Its model was not loaded when it came. */
  isLoading = false;
  loaded: number | undefined;
  decoded: number | undefined;
  answered: number | undefined;
  encoded: number | undefined;
  settled: number | undefined;
  identity: ModelIdentity | undefined;
  outcome: Outcome | undefined;
  error: AppError | undefined;
  rows: number | undefined;
  inputs: string | undefined;
  outputs: string | undefined;
  readonly #options: ObservationOptions;
  readonly #runs: OwnRun[] = [];

  constructor(options: ObservationOptions) {
    this.#options = options;
    this.since = options.since;
    this.parent = options.parent;
    this.context = options.context;
    this.client = options.client;
    this.isKept = options.texts !== undefined;
  }

  /** Whether its spans are recorded. */
  get isTraced(): boolean {
    return this.context !== undefined && isRecorded(this.context);
  }

  /** In the order they began. */
  get runs(): readonly OwnRun[] {
    return this.#runs;
  }

  bodyCame(): void {
    this.received = this.#now();
  }

  modelAsked(): void {
    this.isLoading = true;
  }

  modelLoaded(): void {
    this.loaded = this.#now();
  }

  inputsRead(model: ServedModel, request: InferRequest): void {
    this.decoded = this.#now();
    this.rows = request.rows;
    // Now: a run may use them up.
    this.inputs = this.#options.texts?.inputs(model, request);
  }

  joined(note: RunNote): void {
    if (this.#runs.length === MOST_RUNS) this.#runs.shift();
    const contexts =
      this.isTraced && this.context !== undefined ? this.#contextsBelow(this.context) : undefined;
    this.#runs.push({ note, contexts });
    if (contexts !== undefined) note.trace(contexts);
  }

  outputsCame(model: ServedModel, outputs: readonly Tensor[]): void {
    this.answered = this.#now();
    // Now: their memory may go to another thread.
    this.outputs = this.#options.texts?.outputs(model, outputs);
  }

  answerWritten(): void {
    this.encoded = this.#now();
  }

  settle(outcome: Outcome, error?: AppError): void {
    this.settled = this.#now();
    this.outcome = outcome;
    this.error = error;
  }

  #contextsBelow(context: TraceContext): RunContexts {
    const { tracer } = this.#options;
    const batch = tracer.below(context);
    const run = tracer.below(batch);
    return { batch, run, worker: tracer.below(run) };
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
