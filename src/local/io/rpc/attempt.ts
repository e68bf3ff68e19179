import type { RpcFields } from '#net';
import type { Endpoint } from '../../endpoint.ts';
import { AnswerRelay, type Taker } from '../../rpc/answer-relay.ts';
import { answerFields, type End, endOf, foreign, type Headers } from '../../rpc/metadata.ts';
import type { Sink } from '../../rpc/request-messages.ts';
import type { RpcPassage } from './passage.ts';
import type { Break, UpstreamListener, UpstreamStream } from './upstream-stream.ts';

/** Who asks. After `answered` or `broke` nothing comes. */
export interface Asker {
  /** Whether one message is expected for an answer. */
  readonly unary: boolean;
  /** The metadata of an answer is there, and its first message is still to come. */
  answerBegan(): void;
  /** Something of an answer came, be it less than a message. */
  moved(): void;
  /** One message. False when much waits to be sent: `Attempt.drained` when there is room again. */
  answer(pieces: readonly Uint8Array[]): boolean;
  /** The answer is whole; `trailers` as they came. */
  answered(end: End, trailers: Headers): void;
  /** There will be no whole answer. */
  broke(how: Break): void;
  /** After the sink's `write` was false: there is room again. */
  roomToSend(): void;
}

/** One try of a call, at one server: what it is asked goes to its sink, and its answer comes back, as far as it is gRPC. */
export class Attempt implements UpstreamListener, Taker {
  readonly endpoint: Endpoint;
  readonly #asker: Asker;
  readonly #upstream: UpstreamStream;
  readonly #relay: AnswerRelay;
  #fields: RpcFields;
  #headed = false;
  #over = false;

  /** Throws what node:http2 finds wrong with the headers. */
  constructor(
    asker: Asker,
    endpoint: Endpoint,
    headers: Readonly<Record<string, string>>,
    { upstreams, room }: RpcPassage,
  ) {
    this.#asker = asker;
    this.endpoint = endpoint;
    this.#fields = { 'x-fairlead-revision': endpoint.revision };
    this.#upstream = upstreams.open(endpoint, headers, this);
    this.#relay = new AnswerRelay({ taker: this, source: this.#upstream, room, unary: asker.unary });
    endpoint.enter();
  }

  get sink(): Sink {
    return this.#upstream;
  }

  /** What goes before the first message. */
  get fields(): RpcFields {
    return this.#fields;
  }

  /** Whether the server has sent headers, and not only trailers. */
  get headed(): boolean {
    return this.#headed;
  }

  /** Who asked has room for answers again. */
  drained(): void {
    if (!this.#over) this.#relay.drained();
  }

  /** Nobody wants it any more. Safe to call again. */
  cancel(): void {
    if (this.#over) return;
    this.#upstream.reset();
    this.#end();
  }

  // The server's side.

  answerBegan(headers: Headers): void {
    const problem = foreign(headers);
    if (problem !== undefined) return this.unreadable(problem);
    this.#fields = answerFields(headers, this.#fields);
    this.#headed = true;
    this.#asker.answerBegan();
  }

  answerData(chunk: Buffer): void {
    this.#asker.moved();
    this.#relay.push(chunk);
  }

  answer(pieces: readonly Uint8Array[]): boolean {
    return this.#asker.answer(pieces);
  }

  answerEnded(trailers: Headers): void {
    const end = endOf(trailers);
    if (end === undefined) return this.unreadable(foreign(trailers) ?? 'an answer without a status');
    this.#relay.finish();
    if (this.#over) return;
    if (this.#relay.begun) return this.unreadable('an answer that ends inside a message');
    this.#end();
    this.#asker.answered(end, trailers);
  }

  roomToSend(): void {
    this.#asker.roomToSend();
  }

  broke(how: Break): void {
    this.#end();
    this.#asker.broke(how);
  }

  /** What the server says is no gRPC. */
  unreadable(problem: string): void {
    this.cancel();
    this.#asker.broke({ unconnected: false, refused: false, problem });
  }

  #end(): void {
    this.#over = true;
    this.#relay.close();
    this.endpoint.leave();
  }
}
