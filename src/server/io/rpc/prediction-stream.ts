import { type AppError, asAppError, failure } from '#base';
import { type RpcCall, type RpcReceiver, RpcStatus } from '#net';
import type { Terms } from '../../batching/port.ts';
import type { CallerFacts } from '../../observing/observation.ts';
import type { Caller, Prediction } from '../../prediction.ts';
import type { Pieces, RpcPredictions } from '../../protocols/rpc.ts';
import type { Roster } from '../../roster.ts';
import {
  callClient,
  callFacts,
  callIds,
  callTerms,
  type Lasting,
  type LastingCall,
  logCall,
  type RpcContext,
  sizeOf,
  statusOf,
} from './context.ts';

/** A client says so when it wants a fault as the end of the stream, with its status, as other servers have it. */
const FAULTS_END = 'triton_grpc_error';

/** A stream of predictions: they run as they come, and are answered in their order. */
export class PredictionStream implements RpcReceiver, LastingCall {
  place = -1;
  readonly call: RpcCall;
  readonly context: RpcContext;
  readonly method: RpcPredictions;
  /** In the order they came; the first is the next to be answered. */
  #turns: Turn[] = [];
  readonly #roster: Roster<LastingCall>;
  #ended = false;
  #leaving = false;
  /** A message came too late to be answered here. */
  #tooLate = false;
  /** The latest answer waits to be sent, and its question is still held. */
  #full = false;
  #over = false;

  constructor(call: RpcCall, method: RpcPredictions, { context, roster }: Lasting) {
    this.call = call;
    this.method = method;
    this.context = context;
    this.#roster = roster;
    roster.join(this);
  }

  message(bytes: Buffer): void {
    // A client that always asks for more would never be sent elsewhere.
    this.#tooLate ||= this.#leaving;
    if (this.#tooLate) return;
    const turn = new Turn(this);
    this.#turns.push(turn);
    turn.begin(bytes);
  }

  ended(): void {
    this.#ended = true;
    this.settle();
  }

  cancelled(): void {
    this.#close();
  }

  drained(): void {
    if (!this.#full) return;
    this.#full = false;
    this.call.release();
    this.settle();
  }

  /** Answers what has come, and then sends the client elsewhere. */
  leave(): void {
    this.#leaving = true;
    this.settle();
  }

  /** Sends the answers whose turn has come. */
  settle(): void {
    let first = this.#turns[0];
    while (!this.#over && !this.#full && first?.reply !== undefined) {
      this.#turns.shift();
      // Whoever takes no answers must not be able to have the server hold any number of them, uncounted.
      this.#full = !this.call.send(first.reply);
      if (!this.#full) this.call.release();
      first.close();
      if (first.error !== undefined && this.call.header(FAULTS_END) === 'true')
        return this.#finish(statusOf(first.error), first.error.message);
      first = this.#turns[0];
    }
    if (this.#turns.length > 0) return;
    if (this.#ended && !this.#tooLate) this.#finish(RpcStatus.ok, '');
    else if (this.#leaving) this.#finish(RpcStatus.unavailable, failure('draining', {}).message);
  }

  #finish(status: RpcStatus, message: string): void {
    if (this.#over) return;
    this.call.finish(status, message);
    this.#close();
  }

  #close(): void {
    this.#over = true;
    this.#roster.leave(this);
    for (const turn of this.#turns) turn.close();
    this.#turns = [];
  }
}

/** One message of a stream, and its answer. */
class Turn implements Caller<Pieces> {
  /** Set once it is answered. */
  reply: Pieces | undefined;
  /** What it failed with. */
  error: AppError | undefined;
  readonly #stream: PredictionStream;
  readonly since: number;
  readonly #closers: (() => void)[] = [];
  #message: unknown;
  #prediction: Prediction<Pieces> | undefined;
  #received = 0;
  #requestId: string | undefined;
  #closed = false;

  constructor(stream: PredictionStream) {
    this.#stream = stream;
    this.since = stream.context.clock.now();
  }

  begin(bytes: Buffer): void {
    this.#received = bytes.length;
    this.#predict(bytes).catch((thrown: unknown) => {
      const error = asAppError(thrown);
      if (this.#prediction === undefined) this.fail(error);
      else this.#prediction.fail(error);
    });
  }

  seconds(): number {
    return (this.#stream.context.clock.now() - this.since) / 1000;
  }

  terms(): Terms {
    return callTerms(this.#stream.call, this.since);
  }

  header(name: string): string | undefined {
    return this.#stream.call.header(name);
  }

  get client(): string {
    return callClient(this.#stream.call);
  }

  facts(): CallerFacts {
    const { call, context } = this.#stream;
    this.#requestId ??= callIds(context, call).requestId;
    return callFacts(call, {
      requestId: this.#requestId,
      status: this.reply && (this.error === undefined ? RpcStatus.ok : statusOf(this.error)),
      received: this.#received,
      sent: sizeOf(this.reply ?? []),
    });
  }

  onClose(callback: () => void): void {
    if (this.#closed) callback();
    else this.#closers.push(callback);
  }

  answer(answer: Pieces): void {
    this.#settle(this.#stream.method.answered(answer), undefined);
  }

  fail(error: AppError): void {
    this.#settle(this.#stream.method.refused(error, this.#message), error);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const close of this.#closers) close();
  }

  async #predict(bytes: Buffer): Promise<void> {
    const { predict } = this.#stream.method;
    const { predictions } = this.#stream.context;
    this.#message = predict.parse(bytes);
    this.#prediction = predictions.open(this, predict.target(this.#message));
    await predictions.run(this.#prediction, predict.translator, this.#message);
  }

  #settle(reply: Pieces, error: AppError | undefined): void {
    if (this.#closed || this.reply !== undefined) return;
    this.reply = reply;
    this.error = error;
    const { context, call } = this.#stream;
    const { identity: model, seen } = this.#prediction ?? {};
    logCall(context, call, {
      since: this.since,
      model,
      seen,
      requestId: seen && this.facts().requestId,
      ...(error !== undefined && { error }),
    });
    this.#stream.settle();
  }
}
