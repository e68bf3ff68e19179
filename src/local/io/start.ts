import { systemClock } from '#base';
import type { Arm } from '#spec';
import { openService, type Service, type ServiceOptions } from './service.ts';
import { Supervisor } from './supervisor.ts';

export interface LocalOptions extends ServiceOptions {
  /** The command that is fairlead itself, before its verb. */
  readonly program: readonly string[];
  /** The least level that servers log, whatever the file says. */
  readonly logLevel?: string | undefined;
  /** For servers to get ready. Milliseconds; ten minutes where nobody says. */
  readonly readyMs?: number;
  /** Called with every line a server writes to its stderr. */
  readonly onServerLog?: (revision: string, line: string) => void;
}

/**
 * A service that runs on this machine. `ready` and `apply` reject with `server_failed` when a server ends before it was ever
 * ready; what left is drained and has ended when `apply` resolves.
 */
export type Local = Service<Arm>;

/**
 * Opens the gateway, then starts a server process for each replica of each arm. Resolves once its ports are open; rejects
 * with `port_taken`, `listen_failed` or `tls_unusable`, or with what is wrong with files of keys, and then nothing was
 * started.
 */
export function startLocal(arms: readonly Arm[], name: string, options: LocalOptions): Promise<Local> {
  const { clock = systemClock, grpcPort, onServerLog = () => undefined } = options;
  const grpc = grpcPort !== undefined;
  return openService({
    arms,
    service: name,
    options,
    fleet: onChange => new Supervisor({ ...options, clock, grpc, onServerLog, onChange }),
    // Until it is whole, nothing else here takes its place.
    isReady: ({ state }) => state === 'serving',
  });
}
