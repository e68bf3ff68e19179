/** One HTTP request on a connection of its own, without the cost of a client library in the measured time. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Posts JSON. Rejects when the connection fails or nothing comes within `deadlineMs`. */
export async function postJson(url: string, body: string, deadlineMs = 5_000): Promise<Answer> {
  const signal = AbortSignal.timeout(deadlineMs);
  const options = { method: 'POST', agent: false, signal, headers: { 'content-type': 'application/json' } };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, response => {
      text(response).then(content => resolve({ status: response.statusCode ?? 0, body: content }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Posts until the answer is 200. Throws when it is not within `deadlineMs`. */
export async function postUntilAnswered(url: string, body: string, deadlineMs = 60_000): Promise<Answer> {
  const end = performance.now() + deadlineMs;
  let last = 'no connection';
  while (performance.now() < end) {
    const answer = await postJson(url, body).catch((error: Error) => error);
    if ('status' in answer && answer.status === 200) return answer;
    last = 'status' in answer ? `status ${answer.status}: ${answer.body.slice(0, 200)}` : answer.message;
    await pause(2);
  }
  throw new Error(`${url} gave no answer within ${deadlineMs / 1000} s (${last})`);
}
