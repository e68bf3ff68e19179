/** Protocols over gRPC: what `port.ts` is for HTTP. Services are tables of methods, and know nothing of connections. */
import type { AppError } from '#base';
import type { Models, Target, Translator } from './port.ts';

/** One encoded message, perhaps in pieces. */
export type Pieces = readonly Uint8Array[];

/** A call that asks one thing of the server. */
export interface RpcAnswer {
  readonly kind: 'answer';
  /** Throws what the call fails with. */
  reply(message: Buffer, models: Models): Pieces | Promise<Pieces>;
}

/** A call that asks for one prediction. `M` is its decoded message. */
export interface RpcPredict<M = unknown, F = unknown> {
  readonly kind: 'predict';
  /** Throws `message_malformed`. */
  parse(message: Buffer): M;
  target(message: M): Target;
  readonly translator: Translator<F, Pieces, M>;
  /** What an error is called, where the protocol has words of its own. */
  words?(error: AppError): string;
}

/** A stream of predictions, each message one, answered in their order. A fault is told in the stream and does not end it. */
export interface RpcPredictions<M = unknown> {
  readonly kind: 'predictions';
  readonly predict: RpcPredict<M>;
  /** Puts an answer into the stream's own message. */
  answered(answer: Pieces): Pieces;
  /** Words an error; the message is undefined when it could not be decoded. */
  refused(error: AppError, message: M | undefined): Pieces;
}

/** The server's side of a session. Once the client has left, both do nothing. */
export interface Session {
  send(message: Pieces): void;
  /** Ends it well. */
  end(): void;
}

/** What a session does as its client speaks and leaves. */
export interface SessionReceiver {
  /** May throw what the call fails with. */
  message(bytes: Buffer): void;
  /** The client says nothing more. */
  ended(): void;
  /** Nobody listens any more; comes once, whoever ended it. */
  closed(): void;
}

/** A call with a life of its own: watching health, say. */
export interface RpcSession {
  readonly kind: 'session';
  open(session: Session, models: Models): SessionReceiver;
}

export type RpcMethod = RpcAnswer | RpcPredict | RpcPredictions | RpcSession;

export interface RpcService {
  /** With its package: `inference.GRPCInferenceService`. */
  readonly name: string;
  readonly methods: Readonly<Record<string, RpcMethod>>;
}
