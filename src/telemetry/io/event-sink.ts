import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { type EventForm, eventRequests } from '../cloud-events.ts';
import type { PayloadRecord } from '../payload-record.ts';
import { Refused } from './outbox.ts';

export interface EventSinkOptions {
  readonly url: string;
  readonly form: EventForm;
  /** What every request has besides: credentials, say. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Statuses after which the same event may be taken later. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Posts records as CloudEvents. */
export class EventSink {
  readonly #options: EventSinkOptions;
  readonly #agent: HttpAgent;
  readonly #request: typeof httpRequest;

  constructor(options: EventSinkOptions) {
    const isSecure = options.url.toLowerCase().startsWith('https:');
    this.#options = options;
    this.#request = isSecure ? httpsRequest : httpRequest;
    this.#agent = isSecure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  /** Rejects when the sink did not take all of them. */
  async send(records: readonly PayloadRecord[], signal: AbortSignal): Promise<void> {
    for (const record of records)
      for (const { headers, body } of eventRequests(record, this.#options.form))
        await this.#post(headers, body, signal);
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<void> {
    const options: RequestOptions = {
      method: 'POST',
      agent: this.#agent,
      signal,
      headers: { ...headers, ...this.#options.headers, 'content-length': Buffer.byteLength(body) },
    };
    return new Promise((resolve, reject) => {
      const request = this.#request(this.#options.url, options, answer => {
        answer.on('error', reject);
        answer.on('end', () => {
          const fault = faultOf(answer.statusCode ?? 0);
          if (fault === undefined) resolve();
          else reject(fault);
        });
        answer.resume();
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

function faultOf(status: number): Error | undefined {
  if (status >= 200 && status < 300) return undefined;
  const problem = `the sink answered ${status}`;
  return LATER.has(status) ? new Error(problem) : new Refused(problem);
}
