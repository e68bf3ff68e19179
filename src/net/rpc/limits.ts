/** What a client may hold on to. */
export interface RpcLimits {
  /** Milliseconds for a connection to show that it speaks HTTP/2. */
  readonly handshakeMs: number;
  /** Milliseconds that a connection may be open without a call. */
  readonly idleMs: number;
  /**
   * Milliseconds that nothing may move where the client is to move it: a message that has begun, an answer that is not
   * taken; and that a connection with calls may be silent altogether, not answering pings either.
   */
  readonly silentMs: number;
  /** Milliseconds for a message to arrive whole, from its first byte. */
  readonly messageMs: number;
  /** Bytes of the largest message, compressed or not. */
  readonly messageBytes: number;
  /** Messages of one call that may be read and not yet released. */
  readonly messagesAhead: number;
  /** Calls at once on one connection. */
  readonly streamsPerConnection: number;
}
