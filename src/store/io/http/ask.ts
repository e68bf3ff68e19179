/** What is asked of a server by HTTP, and what it answers. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Body } from './body.ts';

export interface Ask {
  readonly url: URL | string;
  readonly method?: Method;
  /** Sent to the URL itself only: no redirect is followed with it, since it may be a secret, and is sent in vain. */
  readonly content?: Content | undefined;
  /**
   * The content is held back until the server wants it, or has said nothing for a second (RFC 9110 §10.1.1): one that refuses it
   * and ends the connection at once may else be heard no more.
   */
  readonly asksFirst?: boolean;
  /** A server may have kept a part of what was cut off: it is not sent again before the asker knows. */
  readonly isOnce?: boolean;
  /** Milliseconds that the server may need to answer, beyond the patience with any. */
  readonly leisureMs?: number;
  /** Sent wherever redirects lead. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent to the origin of the URL only, and to nobody once a redirect has led away from it. */
  readonly credentials?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What goes with a request. */
export interface Content {
  readonly type: string;
  /** Bytes that `open` gives. */
  readonly size: number;
  /** Its bytes, from the beginning, each time that it is sent; nobody waits for them once the signal is aborted. */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Where redirects led, whose query may be a secret. */
  readonly url: URL;
  readonly body: Body;
}

export function contentOf(type: string, bytes: Uint8Array): Content {
  return {
    type,
    size: bytes.length,
    async *open() {
      yield bytes;
    },
  };
}
