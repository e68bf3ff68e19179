import type { Clock, Logger } from '#base';
import type { ByteBudget } from '../budget.ts';
import type { CorsPolicy } from '../cors.ts';
import type { RpcLimits } from '../rpc/limits.ts';
import type { TlsFiles } from '../tls/files.ts';
import { HealthPort } from './health-port.ts';
import { type DoorLimits, HttpDoor } from './http-door.ts';
import { RpcDoor } from './rpc-door.ts';
import { TlsIdentity } from './tls/tls-identity.ts';

export interface EntranceOptions {
  readonly host: string;
  /** Ports: 0 for any free one, undefined for none. */
  readonly port: number;
  readonly grpcPort: number | undefined;
  /** For probes alone, without TLS. */
  readonly healthPort?: number | undefined;
  /** HTTP and gRPC speak TLS by these. */
  readonly tls?: TlsFiles | undefined;
  readonly cors?: (() => CorsPolicy | undefined) | undefined;
  readonly limits: { readonly http: DoorLimits; readonly rpc: RpcLimits };
  readonly budget: ByteBudget;
  /** What probes are told. */
  readonly ready: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where to reach it. */
export interface Addresses {
  /** `http://host:port`, or `https:`. */
  readonly http: string;
  /** `grpc://host:port`, or `grpcs:`; undefined where it does not speak gRPC. */
  readonly grpc: string | undefined;
  /** `http://host:port` of the port for probes alone, where there is one. */
  readonly health: string | undefined;
}

interface Opened {
  readonly http: HttpDoor;
  readonly rpc: RpcDoor | undefined;
  readonly health: HealthPort | undefined;
  readonly tls: TlsIdentity | undefined;
}

/** The ports of one process and what they speak TLS by: opened, left and closed together. */
export class Entrance {
  readonly http: HttpDoor;
  readonly rpc: RpcDoor | undefined;
  readonly tls: TlsIdentity | undefined;
  readonly addresses: Addresses;
  readonly #health: HealthPort | undefined;

  /** Call `serve` of its doors before anything else is awaited. Throws `port_taken`, `listen_failed` or `tls_unusable`. */
  static async open(options: EntranceOptions): Promise<Entrance> {
    const { host, port, grpcPort, healthPort, limits, budget, cors, ready } = options;
    const opened: Closing[] = [];
    const keep = async <T extends Closing>(opening: Promise<T>): Promise<T> => {
      const one = await opening;
      opened.push(one);
      return one;
    };
    try {
      const tls = options.tls && (await keep(TlsIdentity.open(options.tls, options)));
      const health =
        healthPort === undefined ? undefined : await keep(HealthPort.open({ host, port: healthPort, ready }));
      const rpc =
        grpcPort === undefined
          ? undefined
          : await keep(RpcDoor.open({ host, port: grpcPort, limits: limits.rpc, budget, tls }));
      const http = await keep(HttpDoor.open({ host, port, limits: limits.http, tls, cors }));
      return new Entrance({ http, rpc, health, tls });
    } catch (error: unknown) {
      await Promise.all(opened.map(one => one.close(0)));
      throw error;
    }
  }

  private constructor({ http, rpc, health, tls }: Opened) {
    this.http = http;
    this.rpc = rpc;
    this.tls = tls;
    this.#health = health;
    this.addresses = { http: http.url, grpc: rpc?.url.replace(/^http/, 'grpc'), health: health?.url };
  }

  /** From now on answers tell clients to go elsewhere. */
  leave(): void {
    this.http.leave();
    this.rpc?.leave();
  }

  /** Ends every connection, whatever it is owed. */
  cut(): void {
    this.http.cut();
    this.rpc?.cut();
  }

  /** Takes no more connections, waits for the answers owed, at most `graceMs`, then closes. Probes are answered till then. */
  async close(graceMs: number): Promise<void> {
    await Promise.all([this.http.close(graceMs), this.rpc?.close(graceMs)]);
    await this.#health?.close();
    this.tls?.close();
  }
}

interface Closing {
  close(graceMs: number): unknown;
}
