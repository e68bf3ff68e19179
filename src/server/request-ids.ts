import type { IncomingHttpHeaders } from 'node:http';
import { traceContextOf } from '#base';
import { validRequestId } from '#net';

/** What a request is called in logs and answers. */
export interface RequestIds {
  readonly requestId: string;
  /** W3C trace context, as it came; undefined when there was none or it was broken. */
  readonly traceparent: string | undefined;
}

/** Takes the caller's ids where they are well formed, and numbers requests that have none. */
export function requestIds(headers: IncomingHttpHeaders, fresh: () => string): RequestIds {
  const traceparent = headers['traceparent'];
  return {
    requestId: validRequestId(headers['x-request-id']) ?? fresh(),
    traceparent:
      typeof traceparent === 'string' && traceContextOf(traceparent) !== undefined ? traceparent : undefined,
  };
}

/** Ids that are unique in this process by a count, and between processes by a random start. */
export function counting(prefix: string): () => string {
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
}

/** The id of a trace, as log lines have it. */
export function traceIdOf({ traceparent }: RequestIds): string | undefined {
  return traceparent?.split('-')[1];
}
