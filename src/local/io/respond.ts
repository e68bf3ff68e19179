import type { ServerResponse } from 'node:http';
import type { AppError } from '#base';
import { refusalHeaders } from '#net';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an answer of the gateway itself, unless there is one: the door answers a request that breaks while it is worked on. */
export function respond(response: ServerResponse, answer: Answer, requestId: string): void {
  if (response.headersSent) return;
  const { status, type, body, headers } = answer;
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'X-Request-Id': requestId,
    ...headers,
  });
  response.end(body);
}

export function json(status: number, value: unknown): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

/** An error as the gateway words it: `{"error": …}`, with Retry-After where waiting helps. */
export function errorAnswer(error: AppError): Answer {
  const answer = json(error.status, { error: error.message });
  const [name, value = ''] = refusalHeaders(error);
  if (name !== undefined) return { ...answer, headers: { [name]: value } };
  return error.status === 503 ? { ...answer, headers: { 'Retry-After': '1' } } : answer;
}
