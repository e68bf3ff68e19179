import {
  type ByteBudget,
  type DoorLimits,
  type Guard,
  guardCalls,
  HttpDoor,
  RpcDoor,
  type RpcLimits,
} from '#net';
import type { ModelSettings } from '../models/settings.ts';
import type { Front } from './front.ts';
import type { RpcFront } from './rpc/front.ts';

/** Where a server listens. */
export interface Addresses {
  /** `http://host:port`. */
  readonly http: string;
  /** `grpc://host:port`; undefined when the server does not speak gRPC. */
  readonly grpc: string | undefined;
}

export interface DoorsOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** 0 for any free one, undefined for none. */
  readonly grpcPort: number | undefined;
  /** Bytes of a body or message. */
  readonly maxBody: number;
  /** For a request to arrive. */
  readonly requestTimeMs: number;
  /** How models run: of their deadlines the longest is what a client may wait. */
  readonly settings: Pick<ModelSettings, 'deadlineMs'>;
  readonly models: readonly { readonly settings?: Partial<ModelSettings> }[];
  readonly budget: ByteBudget;
  readonly front: Front;
  readonly rpcFront: RpcFront;
  /** Who may call what; everybody everything where there is none. */
  readonly guard: Guard | undefined;
}

/**
 * Longer than the idle time of any common load balancer (Google's is 600 s), or the balancer would reuse a connection
 * that is just being closed, and fail the request.
 */
const KEEP_ALIVE_MS = 620_000;

const HEADERS_MS = 10_000;

/** What a stream may have asked before it has its answers. */
const MESSAGES_AHEAD = 16;

/** gRPC's servers commonly let a client have 100; many a client opens one connection only. */
const STREAMS = 1000;

/** As long as clients keep coming, somebody has to be turned away. */
const MOST_ROUNDS = 200;

/** The ports of one server, opened, left and closed together. */
export class Doors {
  readonly addresses: Addresses;
  readonly #http: HttpDoor;
  readonly #rpc: RpcDoor | undefined;
  readonly #rpcFront: RpcFront;

  /** Throws `port_taken` or `listen_failed`; then none is open. */
  static async open(options: DoorsOptions): Promise<Doors> {
    const { host, port, grpcPort, budget } = options;
    const http = await HttpDoor.open({ host, port, limits: httpLimits(options) });
    http.serve(options.front.handle);
    if (grpcPort === undefined) return new Doors(http, undefined, options.rpcFront);
    try {
      const rpc = await RpcDoor.open({ host, port: grpcPort, limits: rpcLimits(options), budget });
      rpc.serve(guardCalls(options.rpcFront.handle, { guard: () => options.guard }));
      return new Doors(http, rpc, options.rpcFront);
    } catch (error: unknown) {
      await http.close(0);
      throw error;
    }
  }

  private constructor(http: HttpDoor, rpc: RpcDoor | undefined, rpcFront: RpcFront) {
    this.#http = http;
    this.#rpc = rpc;
    this.#rpcFront = rpcFront;
    this.addresses = { http: http.url, grpc: rpc?.url.replace(/^http/, 'grpc') };
  }

  /**
   * Takes the connections that the system has taken for this process already, and reads what they have sent: closing would
   * reset them. A busy process takes them one by one, between its runs.
   */
  async takeWaiting(): Promise<void> {
    for (let rounds = 0, seen = -1; rounds < MOST_ROUNDS && seen !== this.#http.taken; rounds++) {
      seen = this.#http.taken;
      await nextTurn();
    }
  }

  /** From now on answers tell clients to go elsewhere. */
  leave(): void {
    this.#http.leave();
    this.#rpc?.leave();
  }

  /** Takes no more connections, ends what would last, waits for the answers owed, at most `graceMs`, then closes. */
  async close(graceMs: number): Promise<void> {
    this.#rpcFront.leave();
    await Promise.all([this.#http.close(graceMs), this.#rpc?.close(graceMs)]);
  }
}

type Times = Pick<DoorsOptions, 'requestTimeMs' | 'settings' | 'models'>;

/** A client that takes nothing of its answer for as long as a request may arrive and wait is gone. */
export function silentMs({ requestTimeMs, settings, models }: Times): number {
  const deadlines = models.map(model => model.settings?.deadlineMs ?? 0);
  return requestTimeMs + Math.max(settings.deadlineMs, ...deadlines) + 1000;
}

function httpLimits(times: Times): DoorLimits {
  return {
    headersMs: HEADERS_MS,
    requestMs: times.requestTimeMs,
    idleMs: KEEP_ALIVE_MS,
    silentMs: silentMs(times),
  };
}

function rpcLimits(options: DoorsOptions): RpcLimits {
  const { requestTimeMs, maxBody } = options;
  return {
    handshakeMs: HEADERS_MS,
    idleMs: KEEP_ALIVE_MS,
    silentMs: silentMs(options),
    messageMs: requestTimeMs,
    messageBytes: maxBody,
    messagesAhead: MESSAGES_AHEAD,
    streamsPerConnection: STREAMS,
  };
}

/** Two turns of the event loop: in the first, waiting connections are taken; in the second, what they sent is read. */
async function nextTurn(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise(resolve => setImmediate(resolve));
}
