import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Place } from './place.ts';
import { Refused } from './question.ts';

export interface Asked {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly method?: string;
  /** Ends the exchange from the client's side. */
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Connections of one client. */
const MOST_SOCKETS = 32;

/** A client over HTTP/1 that keeps its connections. */
export class HttpClient {
  readonly place: Place;
  readonly #agent: Agent;

  constructor(place: Place, sockets = MOST_SOCKETS) {
    this.place = place;
    this.#agent = new Agent({ keepAlive: true, maxSockets: sockets });
  }

  /** The whole answer, whatever its status. Rejects when the connection fails or the answer breaks off. */
  send({ path, headers = {}, body, method, signal }: Asked): Promise<Answer> {
    const options = {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: body === undefined ? headers : { ...headers, 'Content-Length': Buffer.byteLength(body) },
      agent: this.#agent,
      ...(signal !== undefined && { signal }),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.place.http}${path}`, options, incoming => {
        const { statusCode: status = 0, headers: received } = incoming;
        buffer(incoming).then(bytes => resolve({ status, headers: received, body: bytes }), reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** The answer, when it is 200. Throws `Refused` for any other. */
  async good(asked: Asked): Promise<Answer> {
    const answer = await this.send(asked);
    if (answer.status === 200) return answer;
    throw new Refused(answer.status, answer.body.toString(), answer.headers['retry-after']);
  }

  close(): void {
    this.#agent.destroy();
  }
}
