import { type AppError, asAppError, failure } from '#base';
import { type RpcCall, type RpcReceiver, RpcStatus } from '#net';
import type { Terms } from '../../batching/port.ts';
import type { CallerFacts } from '../../observing/observation.ts';
import type { Caller, Prediction } from '../../prediction.ts';
import type { Pieces, RpcAnswer, RpcPredict } from '../../protocols/rpc.ts';
import {
  callClient,
  callFacts,
  callIds,
  callTerms,
  logCall,
  type RpcContext,
  sizeOf,
  statusOf,
} from './context.ts';

/** A call with one message and one answer. */
export class UnaryCall implements RpcReceiver, Caller<Pieces> {
  readonly #call: RpcCall;
  readonly #method: RpcAnswer | RpcPredict;
  readonly #context: RpcContext;
  readonly since: number;
  readonly #closers: (() => void)[] = [];
  #message: Buffer | undefined;
  #prediction: Prediction<Pieces> | undefined;
  /** Of the answer that has gone out, and its bytes. */
  #status: number | undefined;
  #sent = 0;
  #requestId: string | undefined;
  #over = false;

  constructor(call: RpcCall, method: RpcAnswer | RpcPredict, context: RpcContext) {
    this.#call = call;
    this.#method = method;
    this.#context = context;
    this.since = context.clock.now();
  }

  message(bytes: Buffer): void {
    if (this.#message !== undefined)
      throw failure('rpc_malformed', { problem: 'this method takes one message, and a second came' });
    this.#message = bytes;
  }

  ended(): void {
    this.#begin().catch((error: unknown) => this.#refuse(asAppError(error)));
  }

  cancelled(): void {
    this.#close();
  }

  seconds(): number {
    return (this.#context.clock.now() - this.since) / 1000;
  }

  terms(): Terms {
    return callTerms(this.#call, this.since);
  }

  header(name: string): string | undefined {
    return this.#call.header(name);
  }

  get client(): string {
    return callClient(this.#call);
  }

  facts(): CallerFacts {
    this.#requestId ??= callIds(this.#context, this.#call).requestId;
    return callFacts(this.#call, {
      requestId: this.#requestId,
      status: this.#status,
      received: this.#message?.length ?? 0,
      sent: this.#sent,
    });
  }

  onClose(callback: () => void): void {
    if (this.#over) callback();
    else this.#closers.push(callback);
  }

  answer(reply: Pieces): void {
    if (this.#over) return;
    this.#log();
    this.#status = RpcStatus.ok;
    if (this.#prediction?.seen !== undefined) this.#sent = sizeOf(reply);
    this.#call.send(reply);
    this.#call.finish(RpcStatus.ok, '');
    this.#close();
  }

  fail(error: AppError): void {
    if (this.#over) return;
    this.#log(error);
    this.#status = statusOf(error);
    this.#call.finish(this.#status, this.#wordsOf(error));
    this.#close();
  }

  async #begin(): Promise<void> {
    const bytes = this.#message;
    if (bytes === undefined)
      throw failure('rpc_malformed', { problem: 'this method takes one message, and none came' });
    const method = this.#method;
    if (method.kind === 'predict') return this.#predict(bytes, method);
    const reply = method.reply(bytes, this.#context.models);
    this.answer(reply instanceof Promise ? await reply : reply);
  }

  async #predict(bytes: Buffer, method: RpcPredict): Promise<void> {
    const message = method.parse(bytes);
    const { predictions } = this.#context;
    this.#prediction = predictions.open(this, method.target(message));
    await predictions.run(this.#prediction, method.translator, message);
  }

  #log(error?: AppError): void {
    const { identity: model, seen } = this.#prediction ?? {};
    logCall(this.#context, this.#call, {
      since: this.since,
      model,
      seen,
      requestId: seen && this.facts().requestId,
      ...(error && { error }),
    });
  }

  #wordsOf(error: AppError): string {
    const method = this.#method;
    return (method.kind === 'predict' ? method.words?.(error) : undefined) ?? error.message;
  }

  #refuse(error: AppError): void {
    if (this.#prediction === undefined) this.fail(error);
    else this.#prediction.fail(error);
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    for (const close of this.#closers) close();
  }
}
