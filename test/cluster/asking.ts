/** Many requests through an ingress, by the name of a host, and who answered them. */
import { Agent, request } from 'node:http';
import { connect } from 'node:http2';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookie: string | undefined;
}

export interface Asked {
  readonly host: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 20_000;
const AT_ONCE = 16;

export class Ingress {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

  constructor(url: string) {
    this.#url = new URL(url);
  }

  ask({ host, path = '/', headers = {} }: Asked): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.#url), {
        agent: this.#agent,
        headers: { ...headers, host },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      sent.on('error', reject).on('response', answer => {
        let text = '';
        const cookie = answer.headers['set-cookie']?.[0];
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, cookie }));
      });
      sent.end();
    });
  }

  /** How many of so many requests each revision answered; others than 200 by their status. */
  async tally(asked: Asked, count: number): Promise<ReadonlyMap<string, number>> {
    const tally = new Map<string, number>();
    let left = count;
    const worker = async (): Promise<void> => {
      for (; left > 0; ) {
        left -= 1;
        const { status, text } = await this.ask(asked);
        const who = status === 200 ? text : String(status);
        tally.set(who, (tally.get(who) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return tally;
  }

  /** Calls a method of gRPC, one after another: the revisions that answered. */
  async call(host: string, method: string, count: number): Promise<ReadonlyMap<string, number>> {
    // What is wrong with it is told by each of its streams.
    const session = connect(this.#url).on('error', () => undefined);
    const tally = new Map<string, number>();
    try {
      for (let at = 0; at < count; at++) {
        const who = await oneCall(session, host, method);
        tally.set(who, (tally.get(who) ?? 0) + 1);
      }
    } finally {
      session.destroy();
    }
    return tally;
  }

  close(): void {
    this.#agent.destroy();
  }
}

function oneCall(session: ReturnType<typeof connect>, host: string, method: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      ':authority': host,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let who = '';
    stream.on('response', headers => {
      who =
        headers[':status'] === 200
          ? String(headers['revision'] ?? headers['grpc-status'])
          : String(headers[':status']);
    });
    stream
      .on('error', reject)
      .on('end', () => resolve(who))
      .setTimeout(TIMEOUT_MS, () => stream.close());
    stream.resume().end(Buffer.alloc(5));
  });
}
