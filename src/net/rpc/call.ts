import type { Fields } from './transport.ts';

/**
 * One gRPC call, from the server's side. Once the call is over (finished, cancelled, or its client gone) every method
 * does nothing.
 */
export interface RpcCall {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** The client's address and port. */
  readonly peer: string;
  /** When the client stops waiting: milliseconds on the clock's `now`; Infinity without a deadline. */
  readonly deadline: number;
  /** Whether the client reset the call or left, its deadline passed, or the door ended it: nobody reads an answer. */
  readonly cancelled: boolean;
  /** Metadata; several values of one name are joined by commas. Names in lower case; `-bin` values as they came, in base64. */
  header(name: string): string | undefined;
  /** Sends metadata at once, before the first message. Values must be printable ASCII. */
  sendHeaders(fields: Fields): void;
  /**
   * Sends one message. False when much waits to be sent: the receiver's `drained` says when to go on. The pieces must
   * not change any more.
   */
  send(pieces: readonly Uint8Array[]): boolean;
  /** Ends the call; `status` is a gRPC status. The message is for people, in any characters. */
  finish(status: number, message: string, trailers?: Fields): void;
  /**
   * Lets go of the oldest message received: a stream reads no further while `messagesAhead` of them are not let go. A
   * call's end lets go of all.
   */
  release(): void;
}

/** Whoever answers a call. What a method throws ends the call with the status of that error. */
export interface RpcReceiver {
  /** One message, uncompressed. It may be kept until it is released, or the call is over. */
  message(bytes: Buffer): void;
  /** The client sends nothing more. */
  ended(): void;
  /** Nobody waits for an answer any more. Comes once, never after `finish`, and only `closed` comes after it. */
  cancelled(): void;
  /** The call is over on both sides, whoever ended it. Comes once, and is the last. */
  closed?(): void;
  /** After `send` was false: there is room again. */
  drained?(): void;
}

/** Takes a call and says who answers it. What it throws ends the call: `path_unknown`, say. */
export type RpcHandler = (call: RpcCall) => RpcReceiver;
