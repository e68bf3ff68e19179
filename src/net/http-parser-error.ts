import { type AppError, failure } from '#base';
import { MOST_HEADER_BYTES, MOST_HEADERS } from './http-head.ts';

/** What node:http tells of a connection on which it found no request, or not the whole of one. */
export interface ParserError extends Error {
  readonly code?: string | undefined;
  /** The parser's own sentence. */
  readonly reason?: string | undefined;
}

/** How long a request was waited for, and how much of it came. */
export interface Waited {
  /** Milliseconds. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** Whether its headers had arrived. */
  readonly begun: boolean;
}

/** Words what the parser found, or that a request did not arrive in time. */
export function parserFailure(error: ParserError, waited: Waited): AppError {
  const { headersMs, requestMs, begun } = waited;
  const { code, reason } = error;
  if (code === 'HPE_HEADER_OVERFLOW')
    return failure('headers_too_large', { limit: MOST_HEADER_BYTES, most: MOST_HEADERS }, error);
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const ms = begun ? requestMs : Math.min(headersMs, requestMs);
    return failure('body_too_slow', { seconds: ms / 1000 }, error);
  }
  // The preface of HTTP/2 begins like a request.
  if (reason === 'Invalid HTTP version' || code === 'HPE_PAUSED_H2_UPGRADE')
    return failure('http_version_unknown', {}, error);
  if (code === 'HPE_INVALID_EOF_STATE' && begun) return failure('body_cut', {}, error);
  return failure('http_malformed', { problem: reason ?? error.message }, error);
}
