import { type AppError, asAppError, failure } from '#base';
import { type RpcCall, type RpcReceiver, RpcStatus } from '#net';
import type { Terms } from '../../batching/port.ts';
import type { Caller, Prediction } from '../../prediction.ts';
import type { Pieces, RpcAnswer, RpcPredict } from '../../protocols/rpc.ts';
import { callTerms, logCall, type RpcContext, statusOf } from './context.ts';

/** A call with one message and one answer. */
export class UnaryCall implements RpcReceiver, Caller<Pieces> {
  readonly #call: RpcCall;
  readonly #method: RpcAnswer | RpcPredict;
  readonly #context: RpcContext;
  readonly #since: number;
  readonly #closers: (() => void)[] = [];
  #message: Buffer | undefined;
  #prediction: Prediction<Pieces> | undefined;
  #over = false;

  constructor(call: RpcCall, method: RpcAnswer | RpcPredict, context: RpcContext) {
    this.#call = call;
    this.#method = method;
    this.#context = context;
    this.#since = context.clock.now();
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
    return (this.#context.clock.now() - this.#since) / 1000;
  }

  terms(): Terms {
    return callTerms(this.#call, this.#since);
  }

  onClose(callback: () => void): void {
    if (this.#over) callback();
    else this.#closers.push(callback);
  }

  answer(reply: Pieces): void {
    if (this.#over) return;
    logCall(this.#context, this.#call, { since: this.#since, model: this.#prediction?.identity });
    this.#call.send(reply);
    this.#call.finish(RpcStatus.ok, '');
    this.#close();
  }

  fail(error: AppError): void {
    if (this.#over) return;
    logCall(this.#context, this.#call, { since: this.#since, model: this.#prediction?.identity, error });
    this.#call.finish(statusOf(error), this.#wordsOf(error));
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
