/** `grpc.health.v1.Health`: whether the server is ready, as load balancers and orchestrators ask it over gRPC. */
import { failure } from '#base';
import { decode, encodePieces } from '../protobuf/codec.ts';
import { Health, ServingStatus } from '../protobuf/health.ts';
import type { Readiness } from '../readiness.ts';
import { shown } from '../tensors/shown.ts';
import type { Models } from './port.ts';
import type { RpcService, RpcSession, Session, SessionReceiver } from './rpc.ts';
import { answering } from './rpc-answer.ts';

const { methods } = Health;
const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = ServingStatus.values;

export interface HealthOptions {
  /** Names of the services whose health is the server's; '' is the server itself. */
  readonly services: readonly string[];
  readonly draining: () => boolean;
  readonly readiness: Readiness;
}

export function healthService(options: HealthOptions): RpcService {
  const known = ['', ...options.services];
  const status = (models: Models): number => (models.ready() && !options.draining() ? SERVING : NOT_SERVING);
  return {
    name: Health.name,
    methods: {
      Check: answering(methods.Check, ({ service }, models) => {
        if (known.includes(service)) return { status: status(models) };
        throw failure('service_unknown', { service: shown(service) });
      }),
      List: answering(methods.List, (_, models) => ({
        statuses: new Map(known.map(service => [service, { status: status(models) }])),
      })),
      Watch: watch(options.readiness, (service, models) =>
        known.includes(service) ? status(models) : SERVICE_UNKNOWN,
      ),
    },
  };
}

function watch(readiness: Readiness, statusOf: (service: string, models: Models) => number): RpcSession {
  return { kind: 'session', open: (session, models) => new Watch(session, { readiness, models, statusOf }) };
}

interface Watched {
  readonly readiness: Readiness;
  readonly models: Models;
  readonly statusOf: (service: string, models: Models) => number;
}

/** Says the status at once, and again whenever it is another. */
class Watch implements SessionReceiver {
  readonly #session: Session;
  readonly #watched: Watched;
  #service: string | undefined;
  #said: number | undefined;
  #stop: (() => void) | undefined;

  constructor(session: Session, watched: Watched) {
    this.#session = session;
    this.#watched = watched;
  }

  message(bytes: Buffer): void {
    if (this.#service !== undefined)
      throw failure('rpc_malformed', { problem: 'this method takes one message, and a second came' });
    this.#service = decode(methods.Watch.request, bytes).service;
    this.#stop = this.#watched.readiness.watch(() => this.#tell());
    this.#tell();
  }

  ended(): void {
    if (this.#service === undefined)
      throw failure('rpc_malformed', { problem: 'this method takes one message, and none came' });
  }

  closed(): void {
    this.#stop?.();
  }

  #tell(): void {
    const status = this.#watched.statusOf(this.#service ?? '', this.#watched.models);
    if (status === this.#said) return;
    this.#said = status;
    this.#session.send(encodePieces(methods.Watch.response, { status }));
  }
}
