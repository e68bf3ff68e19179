import {
  type Addresses,
  type CorsPolicy,
  type DoorLimits,
  Entrance,
  type EntranceOptions,
  type Guard,
  guardCalls,
  type RpcLimits,
} from '#net';
import type { ModelSettings } from '../models/settings.ts';
import type { Front } from './front.ts';
import type { RpcFront } from './rpc/front.ts';

export interface DoorsOptions extends Omit<EntranceOptions, 'limits' | 'cors'> {
  readonly cors?: CorsPolicy | undefined;
  /** Bytes of a body or message. */
  readonly maxBody: number;
  /** For a request to arrive. */
  readonly requestTimeMs: number;
  /** How models run: of their deadlines the longest is what a client may wait. */
  readonly settings: Pick<ModelSettings, 'deadlineMs'>;
  readonly models: readonly { readonly settings?: Partial<ModelSettings> }[];
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

/** The ports of one server, and who answers at them. */
export class Doors {
  readonly #entrance: Entrance;
  readonly #rpcFront: RpcFront;

  /** Throws `port_taken`, `listen_failed` or `tls_unusable`; then none is open. */
  static async open(options: DoorsOptions): Promise<Doors> {
    const { cors, front, rpcFront, guard } = options;
    const entrance = await Entrance.open({
      ...options,
      cors: cors && (() => cors),
      limits: { http: httpLimits(options), rpc: rpcLimits(options) },
    });
    entrance.http.serve(front.handle);
    entrance.rpc?.serve(guardCalls(rpcFront.handle, { guard: () => guard }));
    return new Doors(entrance, rpcFront);
  }

  private constructor(entrance: Entrance, rpcFront: RpcFront) {
    this.#entrance = entrance;
    this.#rpcFront = rpcFront;
  }

  get addresses(): Addresses {
    return this.#entrance.addresses;
  }

  /** Unix time at which the certificate that clients are shown ends. Seconds. */
  get expirySeconds(): number | undefined {
    return this.#entrance.tls?.expirySeconds;
  }

  /**
   * Takes the connections that the system has taken for this process already, and reads what they have sent: closing would
   * reset them. A busy process takes them one by one, between its runs.
   */
  async takeWaiting(): Promise<void> {
    for (let rounds = 0, seen = -1; rounds < MOST_ROUNDS && seen !== this.#entrance.http.taken; rounds++) {
      seen = this.#entrance.http.taken;
      await nextTurn();
    }
  }

  /** From now on answers tell clients to go elsewhere. */
  leave(): void {
    this.#entrance.leave();
  }

  /** Ends every connection, whatever it is owed. */
  cut(): void {
    this.#entrance.cut();
  }

  /** Takes no more connections, ends what would last, waits for the answers owed, at most `graceMs`, then closes. */
  async close(graceMs: number): Promise<void> {
    this.#rpcFront.leave();
    await this.#entrance.close(graceMs);
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
