import { type Clock, failure, type Logger } from '#base';
import { type ByteBudget, type CorsPolicy, Entrance, type RpcLimits } from '#net';
import { type GatewayDoor, milliseconds } from '#spec';
import type { FleetArm } from '../fleet.ts';
import { stableServer } from '../stable-server.ts';
import type { GatewayLimits } from './limits.ts';

export interface GatewayEntranceOptions {
  readonly host: string;
  readonly port: number;
  readonly grpcPort: number | undefined;
  readonly limits: { readonly http: GatewayLimits; readonly rpc: RpcLimits };
  readonly budget: ByteBudget;
  readonly ready: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Tls = GatewayDoor['tls'];

/**
 * The gateway's ports, as the stable arm's file describes them. An edit may name other files of TLS and other origins;
 * whether there is TLS at all is decided once.
 */
export class GatewayEntrance {
  readonly entrance: Entrance;
  readonly #cors: Cors;
  readonly #logger: Logger;
  #tls: Tls;

  /** Throws `port_taken`, `listen_failed` or `tls_unusable`. */
  static async open(arms: readonly FleetArm[], options: GatewayEntranceOptions): Promise<GatewayEntrance> {
    const server = stableServer(arms);
    const cors = new Cors(server);
    const { tls } = server ?? {};
    const { healthPort } = tls ?? {};
    const entrance = await Entrance.open({ ...options, tls, healthPort, cors: () => cors.policy });
    return new GatewayEntrance({ entrance, cors, tls, logger: options.logger });
  }

  private constructor({ entrance, cors, tls, logger }: Opened) {
    this.entrance = entrance;
    this.#cors = cors;
    this.#tls = tls;
    this.#logger = logger;
  }

  /** Whether these arms can follow. Throws `restart_needed` or `tls_unusable`, and then nothing has changed. */
  async check(arms: readonly FleetArm[]): Promise<void> {
    const next = stableServer(arms)?.tls;
    for (const [field, isSet] of FIXED)
      if (isSet(next) !== isSet(this.#tls))
        throw failure('restart_needed', { field, problem: 'cannot be turned on, off or to another' });
    if (next !== undefined) await this.entrance.tls?.check(next);
  }

  /** The arms in service are these now. */
  follow(arms: readonly FleetArm[]): void {
    const server = stableServer(arms);
    if (server === undefined) return;
    this.#cors.follow(server);
    if (server.tls === undefined || JSON.stringify(server.tls) === JSON.stringify(this.#tls)) return;
    this.#tls = server.tls;
    this.entrance.tls?.use(server.tls).catch((error: unknown) =>
      this.#logger.log('error', 'certificate not replaced: the one before stays', {
        problem: String(error),
      }),
    );
  }
}

interface Opened {
  readonly entrance: Entrance;
  readonly cors: Cors;
  readonly tls: Tls;
  readonly logger: Logger;
}

/** What a port is opened with. */
const FIXED: readonly (readonly [string, (tls: Tls) => unknown])[] = [
  ['spec.server.tls', tls => tls !== undefined],
  ['spec.server.tls.clientAuthority', tls => tls?.clientAuthority !== undefined],
  ['spec.server.tls.healthPort', tls => tls?.healthPort],
];

/** The policy in force. */
class Cors {
  policy: CorsPolicy | undefined;

  constructor(server: GatewayDoor | undefined) {
    if (server !== undefined) this.follow(server);
  }

  follow({ cors }: GatewayDoor): void {
    this.policy = cors && {
      origins: cors.origins,
      headers: cors.headers,
      maxAgeSeconds: Math.floor(milliseconds(cors.maxAge) / 1000),
    };
  }
}
