import { readDuration } from './bounds.ts';
import type { Revision } from './revision.ts';

/** Where a server is to run. More places (a container) join here, so that one file cannot mean two things. */
export interface Place {
  /** The command that is fairlead itself, before its verb. */
  readonly program: readonly string[];
  readonly host: string;
  /** 0 lets the system choose; the server prints its address on stdout. */
  readonly port: number;
  /** The same for gRPC; undefined for none. Its address is the next line. */
  readonly grpcPort: number | undefined;
}

/** How to start one server and how to tell its health: the launch contract between `spec` and whoever starts servers. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly probes: { readonly ready: string; readonly live: string };
  /** Whether it speaks gRPC too, and so prints two addresses. */
  readonly grpc: boolean;
  /** Milliseconds from SIGTERM to a server's exit, at most. */
  readonly graceMs: number;
}

const probes = { ready: '/health', live: '/health/live' } as const;

/** The launch of one server of a revision at a place. */
export function launch(revision: Revision, place: Place): Launch {
  const { model, runtime, server } = revision;
  const flags: Readonly<Record<string, string | number>> = {
    host: place.host,
    port: place.port,
    'grpc-port': place.grpcPort ?? 'off',
    threads: runtime.onnx.threads,
    'max-rows': server.batching.maxRows,
    'max-body': server.limits.body,
    'max-in-flight': server.limits.inFlight,
    'request-time': server.limits.requestTime,
    'drain-delay': server.drain.delay,
    grace: server.drain.grace,
  };
  return {
    argv: [...place.program, 'serve', ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)],
    env: { MODEL_PATH: model.artifact.path, MODEL_NAME: model.name, MODEL_VERSION: model.version },
    probes,
    grpc: place.grpcPort !== undefined,
    graceMs: milliseconds(server.drain.grace),
  };
}

/** A duration that the schema has already checked, in milliseconds. */
export function milliseconds(text: string): number {
  const result = readDuration(text);
  if (!result.ok) throw new Error(`the schema let through '${text}': it ${result.error}`);
  return result.value;
}
