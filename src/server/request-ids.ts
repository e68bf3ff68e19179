import type { IncomingHttpHeaders } from 'node:http';
import { validRequestId } from '#net';

/** What a request is called in logs and answers. */
export interface RequestIds {
  readonly requestId: string;
  /** W3C trace context, as it came; undefined when there was none or it was broken. */
  readonly traceparent: string | undefined;
}

/** Version 00 of W3C Trace Context; all-zero ids are invalid there. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Takes the caller's ids where they are well formed, and numbers requests that have none. */
export function requestIds(headers: IncomingHttpHeaders, fresh: () => string): RequestIds {
  const trace = headers['traceparent'];
  return {
    requestId: validRequestId(headers['x-request-id']) ?? fresh(),
    traceparent: typeof trace === 'string' && TRACEPARENT.test(trace) ? trace : undefined,
  };
}

/** Ids that are unique in this process by a count, and between processes by a random start. */
export function counting(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
}
