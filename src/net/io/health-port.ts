import type { ServerResponse } from 'node:http';
import type { DoorLimits } from './http-connection.ts';
import { HttpDoor, targetOf } from './http-door.ts';

export interface HealthPortOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly ready: () => boolean;
}

/** Probes ask one thing, seldom, and at once. */
const LIMITS: DoorLimits = {
  headersMs: 5000,
  requestMs: 5000,
  idleMs: 60_000,
  silentMs: 5000,
  connections: 64,
};

/**
 * A port without TLS that says whether a server is ready, and that it lives, and nothing else: the probes of Kubernetes
 * can show no certificate.
 */
export class HealthPort {
  /** `http://host:port`. */
  readonly url: string;
  readonly #door: HttpDoor;

  /** Throws `port_taken` or `listen_failed`. */
  static async open({ ready, ...where }: HealthPortOptions): Promise<HealthPort> {
    return new HealthPort(await HttpDoor.open({ ...where, limits: LIMITS }), ready);
  }

  private constructor(door: HttpDoor, ready: () => boolean) {
    this.#door = door;
    this.url = door.url;
    door.serve((request, response) => {
      request.resume();
      const [path = ''] = targetOf(request).split('?', 1);
      answer(response, request.method === 'GET' || request.method === 'HEAD' ? statusOf(path, ready) : 405);
      return { refuse: () => undefined, closed: () => undefined };
    });
  }

  close(): Promise<void> {
    return this.#door.close(0);
  }
}

function statusOf(path: string, ready: () => boolean): number {
  if (path === '/health/live') return 200;
  if (path !== '/health') return 404;
  return ready() ? 200 : 503;
}

const WORDS: Readonly<Record<number, string>> = {
  200: 'ok',
  404: 'unknown path',
  405: 'GET only',
  503: 'unavailable',
};

function answer(response: ServerResponse, status: number): void {
  const body = JSON.stringify({ status: WORDS[status] });
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}
