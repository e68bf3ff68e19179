import { type AppError, failure, messageOf } from '#base';
import { type RpcCall, type RpcReceiver, RpcStatus, rpcStatusOf } from '#net';
import type { Endpoint } from '../../endpoint.ts';
import type { RequestTrace } from '../../request-trace.ts';
import type { Target } from '../../route.ts';
import { httpCodeOf } from '../../rpc/codes.ts';
import { answerFields, type End, type Headers, requestHeaders } from '../../rpc/metadata.ts';
import type { OpenCall } from '../../rpc/open-calls.ts';
import { RequestMessages } from '../../rpc/request-messages.ts';
import { isUnary, rpcTargetOf } from '../../rpc/target.ts';
import { formatRpcTimeout } from '../../rpc/timeout.ts';
import { rpcTrace } from '../../traced-requests.ts';
import { MOST_TRIES } from '../passage.ts';
import { type Asker, Attempt } from './attempt.ts';
import { MESSAGES_AHEAD } from './limits.ts';
import type { RpcPassage } from './passage.ts';
import type { Break } from './upstream-stream.ts';

const ANYBODY: Target = {};

/** One call through the gateway: to a server, perhaps once more to another, and its answers back. */
export class RpcExchange implements RpcReceiver, Asker, OpenCall {
  place = -1;
  readonly unary: boolean;
  readonly #passage: RpcPassage;
  readonly #call: RpcCall;
  readonly #request: RequestMessages;
  readonly #trace: RequestTrace | undefined;
  #target: Target | undefined;
  #attempt: Attempt | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Messages that came, and messages that went back. */
  #asked = 0;
  #answered = 0;
  /** The client has had something of an answer: nobody else can give it. */
  #answering = false;
  #retried = false;
  #tries = 0;
  #over = false;

  constructor(passage: RpcPassage, call: RpcCall) {
    const { budget, limits, calls } = passage;
    this.#passage = passage;
    this.#call = call;
    this.unary = isUnary(call.path);
    const keep = { mostBytes: limits.replayBytes, mostMessages: MESSAGES_AHEAD - 1, budget };
    this.#request = new RequestMessages({ ...keep, source: call });
    this.#trace = rpcTrace(passage, { path: call.path, peer: call.peer, header: name => call.header(name) });
    calls.join(this);
  }

  // The client's side.

  message(bytes: Buffer): void {
    if (this.#target === undefined) this.#begin(rpcTargetOf(this.#call.path, bytes));
    if (this.#over) return;
    this.#asked += 1;
    this.#request.add(bytes);
  }

  ended(): void {
    if (this.#target === undefined) this.#begin(ANYBODY);
    if (this.#over) return;
    this.#request.end();
    // Who gives no deadline waits as long as over HTTP; who does knows better.
    if (this.#call.deadline === Number.POSITIVE_INFINITY && !this.#answering)
      this.#timer = setTimeout(late, this.#answerMs, this);
  }

  drained(): void {
    this.#attempt?.drained();
  }

  cancelled(): void {
    if (this.#over) return;
    const isLate = this.#passage.clock.now() >= this.#call.deadline;
    if (isLate) this.#count(this.#attempt?.endpoint, httpCodeOf(RpcStatus.deadlineExceeded));
    this.#trace?.close({ error: isLate ? 'deadline_exceeded' : 'client_gone' });
    this.#stop();
  }

  /** Nobody has to wait for who has nothing under way. */
  leave(): void {
    const isQuiet = this.#asked === 0 || (this.#answering && this.#answered >= this.#asked);
    if (isQuiet && !this.#request.ended && !this.#over) this.#refuse(failure('draining', {}));
  }

  // The server's side.

  answerBegan(): void {
    // Until the first message another server may still answer. Who may wait for this before going on has it at once.
    if (!this.unary && !this.#request.ended) this.#settle();
  }

  moved(): void {
    // Who is at it is not late.
    if (!this.#answering) this.#timer?.refresh();
  }

  answer(pieces: readonly Uint8Array[]): boolean {
    this.#settle();
    this.#answered += 1;
    const isRoomy = this.#call.send(pieces);
    if (this.#passage.calls.isLeaving) this.leave();
    return isRoomy;
  }

  answered({ status, message }: End, trailers: Headers): void {
    const { endpoint, headed, fields = {} } = this.#attempt ?? {};
    this.#count(endpoint, httpCodeOf(status));
    this.#trace?.close({
      status,
      error: httpCodeOf(status) < 500 ? undefined : String(status),
      revision: endpoint?.revision,
    });
    // Headers, and no message after them.
    if (headed) this.#settle();
    this.#stop();
    this.#call.finish(status, message, answerFields(trailers, this.#answering ? {} : fields));
  }

  /** Before the client has had anything, another server may answer: predictions are pure. */
  broke({ unconnected, refused, problem }: Break): void {
    const failed = this.#attempt?.endpoint;
    if (this.#over || failed === undefined) return;
    const { suspect, tally, logger } = this.#passage;
    this.#request.detach();
    suspect(failed, unconnected);
    const next = this.#next(failed, { unconnected, refused });
    if (next === undefined) return this.#giveUp(failed, problem);
    if (!unconnected) this.#retried = true;
    this.#trace?.sent({ error: unconnected ? 'ECONNREFUSED' : 'upstream_broke' });
    tally.retried(failed.revision);
    logger.log('debug', 'call sent again', { ...this.#facts(), problem });
    this.#send(next);
  }

  roomToSend(): void {
    this.moved();
    this.#request.drained();
  }

  /** The first message, or the end without one, says who may answer. */
  #begin(target: Target): void {
    const { calls, limits, pool } = this.#passage;
    this.#target = target;
    calls.begin();
    if (calls.inFlight > limits.concurrent)
      return this.#refuse(failure('overloaded', { limit: `${limits.concurrent} calls in flight` }));
    const endpoint = pool.pick(target);
    if (endpoint === undefined) return this.#refuse(this.#unavailable('none is ready'));
    if (endpoint.grpcPort === undefined) return this.#refuse(this.#unavailable('it does not speak gRPC'));
    this.#send(endpoint);
  }

  #send(endpoint: Endpoint): void {
    try {
      const headers = requestHeaders(this.#call, {
        timeout: this.#timeLeft(),
        secret: endpoint.secret,
        isWithheld: this.#passage.withholds(endpoint),
        trace: this.#trace?.send(endpoint),
      });
      this.#attempt = new Attempt(this, endpoint, headers, this.#passage);
    } catch (error: unknown) {
      // node:http2 refuses headers that its own parser has let through.
      return this.#refuse(failure('rpc_malformed', { problem: messageOf(error) }, error));
    }
    this.#request.sendTo(this.#attempt.sink);
  }

  /**
   * Who is tried next: as over HTTP, once after a server broke over it, and again while servers take no connection. The same server
   * only when it says that it has not looked at the call.
   */
  #next(failed: Endpoint, { unconnected, refused }: Pick<Break, 'unconnected' | 'refused'>) {
    this.#tries += 1;
    const isSpent = (this.#retried && !unconnected) || this.#tries >= MOST_TRIES;
    if (isSpent || this.#answering || !this.#request.repeatable) return undefined;
    return this.#passage.pool.another(this.#target ?? ANYBODY, failed) ?? (refused ? failed : undefined);
  }

  /** What is left of the deadline. */
  #timeLeft(): string | undefined {
    const { deadline } = this.#call;
    if (deadline === Number.POSITIVE_INFINITY) return undefined;
    return formatRpcTimeout(deadline - this.#passage.clock.now());
  }

  /** From here on only this server can answer. */
  #settle(): void {
    if (this.#answering) return;
    this.#answering = true;
    clearTimeout(this.#timer);
    this.#call.sendHeaders(this.#attempt?.fields ?? {});
    this.#request.settle();
  }

  late(): void {
    this.#refuse(failure('deadline_exceeded', { seconds: this.#answerMs / 1000 }));
  }

  get #answerMs(): number {
    return this.#attempt?.endpoint.answerMs ?? this.#passage.limits.answerMs;
  }

  #giveUp(failed: Endpoint, problem: string): void {
    this.#refuse(this.#unavailable(problem), this.#answering ? failed : undefined);
  }

  /** The gateway's own answer; `endpoint` is whose fault it is, where its answer had begun. */
  #refuse(error: AppError, endpoint?: Endpoint): void {
    const { code, status, message } = error;
    this.#passage.logger.log('warn', 'call refused', { ...this.#facts(), code, error: message });
    this.#count(endpoint, status);
    // The answer is the gateway's own, and not that of the server that was asked.
    this.#trace?.sent({ error: code });
    this.#trace?.close({ status: rpcStatusOf(error), error: code, revision: endpoint?.revision });
    this.#stop();
    this.#call.finish(rpcStatusOf(error), message);
  }

  #count(endpoint: Endpoint | undefined, code: number): void {
    this.#passage.tally.answered(endpoint?.revision, code, this.#passage.clock.now());
  }

  /** No more is to come of it. */
  #stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#passage.calls.part(this, this.#target !== undefined);
    this.#request.discard();
    this.#attempt?.cancel();
  }

  #unavailable(problem: string): AppError {
    return failure('upstream_unavailable', { service: this.#passage.service, problem });
  }

  #facts(): Readonly<Record<string, unknown>> {
    return { request_id: this.#call.header('x-request-id'), path: this.#call.path.slice(0, 200) };
  }
}

/** The timer's. */
function late(exchange: RpcExchange): void {
  exchange.late();
}
