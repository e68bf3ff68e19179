import type { AppError, LogLevel } from '#base';

/**
 * How much of an answer's log line there is to say. What a client may simply try again is everyday traffic of a busy server:
 * metrics count it by its reason, and a line for each would cost about as much as answering.
 */
export function answerLevel(error: AppError | undefined): LogLevel {
  if (error === undefined || error.retry === 'later') return 'debug';
  return error.status >= 500 ? 'error' : 'info';
}

/** What the log says of an error; nothing of those whose words quote what was sent, which their client has been told. */
export function loggedWords(error: AppError | undefined): string | undefined {
  return error?.code === 'input_invalid' ? undefined : error?.message;
}
