/**
 * What the door needs of HTTP/2, and no more: an engine below it is exchanged by writing these interfaces again. An
 * engine frames, compresses headers, keeps to flow control, and refuses what breaks the rules of HTTP/2 itself.
 */

/** Header fields; names in lower case. */
export type Fields = Readonly<Record<string, string>>;

/** Of the error codes of RFC 9113, section 7, those that the door gives. */
export const ResetCode = { none: 0, internal: 2, refused: 7, cancel: 8, calm: 11 } as const;
export type ResetCode = (typeof ResetCode)[keyof typeof ResetCode];

/** One request and its response. After `closed` every method does nothing. */
export interface RpcStream {
  readonly method: string;
  readonly path: string;
  /** A field of the request; several of one name joined by commas. */
  header(name: string): string | undefined;
  /** The response's status and headers, once; nothing follows when `last`. */
  respond(status: number, fields: Fields, last: boolean): void;
  /** Bytes of the response. False when much waits to be sent: `drained` follows. The bytes must not change any more. */
  write(pieces: readonly Uint8Array[]): boolean;
  /** Ends the response, after what was written. What the client still sends is not wanted. */
  end(trailers: Fields): void;
  /** Ends both directions at once. */
  reset(code: ResetCode): void;
  /** Takes no more of the request, so that flow control stops the client. */
  pause(): void;
  resume(): void;
}

export interface StreamListener {
  data(chunk: Buffer): void;
  /** The request is whole. */
  ended(): void;
  /** Some of what was written has been sent. */
  moved(): void;
  /** All that was written has been sent, after `write` was false. */
  drained(): void;
  /** The stream is over, for whatever reason; comes once, and is the last. */
  closed(): void;
}

/** One connection. */
export interface RpcSession {
  /** Bytes received so far. */
  readonly received: number;
  /**
   * Tells the client to open no more streams, and which were taken: it can open the others elsewhere. Closes after the
   * last of those.
   */
  leave(): void;
  /** Asks for a sign of life, which `received` shows. */
  ping(): void;
  /** Closes at once, with a last word where it can be sent. */
  destroy(code: ResetCode): void;
}

export interface SessionListener {
  /** The session is over, or about to be: by the client's wish, or for its fault. May come again. */
  ending(): void;
  /** The client's first settings came. */
  greeted(): void;
  /** The headers of a request came. */
  stream(stream: RpcStream): StreamListener;
  /** A frame came that asks for work and carries nothing: PING, SETTINGS, PRIORITY. */
  chatter(): void;
}

/** What may be under way to the server in one stream and not read, however it is paused. Bytes. */
export const STREAM_WINDOW = 512 * 1024;

/** The same for all streams of a connection, where the engine can tell. Bytes. */
export const CONNECTION_WINDOW = 4 * 1024 * 1024;

/** The largest list of header fields, as RFC 9113 counts it. Bytes. */
export const HEADER_LIST_BYTES = 16 * 1024;
