import {
  type AppError,
  failure,
  messageOf,
  type RpcCall,
  type RpcFields,
  type RpcReceiver,
  RpcStatus,
  rpcStatusOf,
} from '#base';
import type { Endpoint } from '../../endpoint.ts';
import type { Target } from '../../route.ts';
import { AnswerRelay, type Taker } from '../../rpc/answer-relay.ts';
import { httpCodeOf } from '../../rpc/codes.ts';
import { answerFields, endOf, foreign, type Headers, requestHeaders } from '../../rpc/metadata.ts';
import type { OpenCall } from '../../rpc/open-calls.ts';
import { RequestMessages } from '../../rpc/request-messages.ts';
import { rpcTargetOf } from '../../rpc/target.ts';
import { formatRpcTimeout } from '../../rpc/timeout.ts';
import { MESSAGES_AHEAD } from './limits.ts';
import type { RpcPassage } from './passage.ts';
import type { Break, UpstreamListener, UpstreamStream } from './upstream-stream.ts';

const ANYBODY: Target = {};
const NOTHING: RpcFields = {};

/** One call through the gateway: to a server, perhaps once more to another, and its answers back. */
export class RpcExchange implements RpcReceiver, UpstreamListener, Taker, OpenCall {
  place = -1;
  readonly #passage: RpcPassage;
  readonly #call: RpcCall;
  readonly #request: RequestMessages;
  #target: Target = ANYBODY;
  #timer: NodeJS.Timeout | undefined;
  /** Who is asked, and over which stream and relay it answers. */
  #endpoint: Endpoint | undefined;
  #upstream: UpstreamStream | undefined;
  #relay: AnswerRelay | undefined;
  /** Metadata that is to go out before the first message. */
  #fields: RpcFields = NOTHING;
  /** The server has sent its own before the first message. */
  #headed = false;
  #begun = false;
  /** The client has had something of an answer: nobody else can give it. */
  #answering = false;
  #asked = 0;
  #answered = 0;
  #retried = false;
  #over = false;

  constructor(passage: RpcPassage, call: RpcCall) {
    const { budget, limits, calls } = passage;
    this.#passage = passage;
    this.#call = call;
    const keep = { mostBytes: limits.replayBytes, mostMessages: MESSAGES_AHEAD - 1, budget };
    this.#request = new RequestMessages({ ...keep, source: call });
    calls.join(this);
  }

  // The client's side.

  message(bytes: Buffer): void {
    if (!this.#begun) this.#begin(rpcTargetOf(this.#call.path, bytes));
    if (this.#over) return;
    this.#asked += 1;
    this.#request.add(bytes);
  }

  ended(): void {
    if (!this.#begun) this.#begin(ANYBODY);
    if (this.#over) return;
    this.#request.end();
    // Who gives no deadline waits as long as over HTTP; who does knows better.
    if (this.#call.deadline === Number.POSITIVE_INFINITY && !this.#answering)
      this.#timer = setTimeout(late, this.#passage.limits.answerMs, this);
  }

  drained(): void {
    try {
      this.#relay?.drained();
    } catch (error: unknown) {
      this.#unusable(messageOf(error));
    }
  }

  cancelled(): void {
    if (this.#over) return;
    const { clock, tally } = this.#passage;
    if (clock.now() >= this.#call.deadline)
      tally.answered(this.#endpoint?.revision, httpCodeOf(RpcStatus.deadlineExceeded), clock.now());
    this.#stop();
  }

  /** Nobody has to wait for who has nothing under way. */
  leave(): void {
    const isQuiet = this.#asked === 0 || (this.#answering && this.#answered >= this.#asked);
    if (isQuiet && !this.#request.ended && !this.#over) this.#refuse(failure('draining', {}));
  }

  // The server's side.

  answerBegan(headers: Headers): void {
    const problem = foreign(headers);
    if (problem !== undefined) return this.#unusable(problem);
    this.#fields = answerFields(headers, this.#fields);
    this.#headed = true;
    // Until the first message another server may still answer. Who may wait for this before going on has it at once.
    if (!this.#request.ended) this.#settle();
  }

  answerData(chunk: Buffer): void {
    this.#moved();
    try {
      this.#relay?.push(chunk);
    } catch (error: unknown) {
      return this.#unusable(messageOf(error));
    }
    if (this.#passage.calls.isLeaving) this.leave();
  }

  answer(pieces: readonly Uint8Array[]): boolean {
    this.#settle();
    this.#answered += 1;
    return this.#call.send(pieces);
  }

  answerEnded(trailers: Headers): void {
    const end = endOf(trailers);
    if (end === undefined) return this.#unusable(foreign(trailers) ?? 'an answer without a status');
    try {
      this.#relay?.finish();
    } catch (error: unknown) {
      return this.#unusable(messageOf(error));
    }
    if (this.#relay?.begun) return this.#unusable('an answer that ends inside a message');
    const { tally, clock } = this.#passage;
    tally.answered(this.#endpoint?.revision, httpCodeOf(end.status), clock.now());
    // Headers that came before it, and no message after them.
    if (this.#headed) this.#settle();
    this.#leaveServer();
    this.#stop();
    this.#call.finish(
      end.status,
      end.message,
      answerFields(trailers, this.#answering ? NOTHING : this.#fields),
    );
  }

  roomToSend(): void {
    this.#moved();
    this.#request.drained();
  }

  /** Before the client has had anything, another server may answer: predictions are pure. */
  broke(how: Break): void {
    const failed = this.#endpoint;
    if (this.#over || failed === undefined) return;
    this.#leaveServer();
    this.#request.detach();
    const { suspect, tally, logger } = this.#passage;
    suspect(failed, how.unconnected);
    const next = this.#second(failed, how);
    if (next === undefined) return this.#refuse(this.#unavailable(how.problem));
    this.#retried = true;
    tally.retried(failed.revision);
    logger.log('debug', 'call sent again', { ...this.#facts(), problem: how.problem });
    this.#send(next);
  }

  /** Who gets the second try. The same server only when it says that it has not looked at the call. */
  #second(failed: Endpoint, { refused }: Break): Endpoint | undefined {
    if (this.#retried || this.#answering || !this.#request.repeatable) return undefined;
    return this.#passage.pool.another(this.#target, failed) ?? (refused ? failed : undefined);
  }

  /** The first message, or the end, says who may answer. */
  #begin(target: Target): void {
    const { calls, limits, pool } = this.#passage;
    this.#begun = true;
    this.#target = target;
    calls.begin();
    if (calls.inFlight > limits.concurrent)
      return this.#refuse(failure('overloaded', { limit: `${limits.concurrent} calls in flight` }));
    const endpoint = pool.pick(target);
    if (endpoint) this.#send(endpoint);
    else this.#refuse(this.#unavailable('none is ready'));
  }

  #send(endpoint: Endpoint): void {
    const { upstreams, room } = this.#passage;
    let upstream: UpstreamStream;
    try {
      upstream = upstreams.open(endpoint, requestHeaders(this.#call, this.#timeout()), this);
    } catch (error: unknown) {
      // node:http2 refuses headers that its own parser has let through.
      return this.#refuse(failure('rpc_malformed', { problem: messageOf(error) }, error));
    }
    endpoint.enter();
    this.#endpoint = endpoint;
    this.#upstream = upstream;
    this.#relay = new AnswerRelay(this, upstream, room);
    this.#fields = { 'x-fairlead-revision': endpoint.revision };
    this.#headed = false;
    this.#request.sendTo(upstream);
  }

  /** What is left of the deadline. */
  #timeout(): string | undefined {
    const { deadline } = this.#call;
    if (deadline === Number.POSITIVE_INFINITY) return undefined;
    return formatRpcTimeout(deadline - this.#passage.clock.now());
  }

  /** From here on only this server can answer. */
  #settle(): void {
    if (this.#answering) return;
    this.#answering = true;
    clearTimeout(this.#timer);
    this.#call.sendHeaders(this.#fields);
    this.#request.settle();
  }

  /** Who is at it is not late. */
  #moved(): void {
    if (!this.#answering) this.#timer?.refresh();
  }

  /** What the server says is no gRPC. */
  #unusable(problem: string): void {
    this.#upstream?.reset();
    this.broke({ unconnected: false, refused: false, problem });
  }

  late(): void {
    this.#refuse(failure('deadline_exceeded', { seconds: this.#passage.limits.answerMs / 1000 }));
  }

  #refuse(error: AppError): void {
    const { logger, tally, clock } = this.#passage;
    const { code, status, message } = error;
    logger.log('warn', message, { ...this.#facts(), code });
    tally.answered(this.#answering ? this.#endpoint?.revision : undefined, status, clock.now());
    this.#stop();
    this.#call.finish(rpcStatusOf(error), message);
  }

  /** No more is to come of it. */
  #stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#passage.calls.part(this, this.#begun);
    this.#request.discard();
    this.#upstream?.reset();
    this.#leaveServer();
  }

  #leaveServer(): void {
    if (this.#upstream === undefined) return;
    this.#upstream = undefined;
    this.#relay?.close();
    this.#endpoint?.leave();
  }

  #unavailable(problem: string): AppError {
    return failure('upstream_unavailable', { service: this.#passage.service, problem });
  }

  #facts(): Readonly<Record<string, unknown>> {
    return { requestId: this.#call.header('x-request-id'), path: this.#call.path.slice(0, 200) };
  }
}

/** The timer's. */
function late(exchange: RpcExchange): void {
  exchange.late();
}
