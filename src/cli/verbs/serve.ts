import { setTimeout } from 'node:timers/promises';
import { failure, jsonLogger, type LogLevel, systemClock, systemRandom } from '#base';
import {
  ModelServer,
  type ModelSettings,
  type ModelToServe,
  onnxRuntime,
  type ServerConfig,
  usualSettings,
} from '#server';
import { counts, fitsGrace, shortest } from '#spec';
import { address, duration, integer, portNumber, size } from '../flags.ts';
import { type Naming, namedModels } from '../named-models.ts';
import { report } from '../report.ts';
import { onStopSignals } from '../stop-signals.ts';
import { version } from '../version.ts';
import { versionLabels } from '../version-labels.ts';

/** TensorFlow Serving's. */
const GRPC_PORT = '8500';

/** As the command line gives them, defaults filled in. */
export type ServeFlags = Readonly<
  Record<
    | 'host'
    | 'port'
    | 'threads'
    | 'maxRows'
    | 'maxBody'
    | 'maxInFlight'
    | 'requestTime'
    | 'drainDelay'
    | 'grace'
    | 'logLevel',
    string
  >
> &
  Naming & {
    readonly grpcPort?: string;
    readonly label: readonly string[];
    readonly modelControl?: true;
    readonly exitWithParent?: true;
  };

/** Runs one model server until SIGTERM, SIGINT, or the end of a parent that asked for that. */
export async function serve(models: readonly string[], flags: ServeFlags): Promise<void> {
  const named = await namedModels(models, flags);
  const config = configOf(flags, named.models);
  const logger = jsonLogger(flags.logLevel as LogLevel, line => process.stderr.write(line));
  const server = new ModelServer(config, {
    clock: systemClock,
    logger,
    runtime: onnxRuntime,
    resolve: named.resolve,
    idPrefix: Math.floor(systemRandom.next() * 2 ** 48).toString(36),
    identity: { name: 'fairlead', version },
    sleep: ms => setTimeout(ms, undefined, { ref: false }),
  });
  const { http, grpc } = await server.listen();
  closeOnSignals(server, flags);
  process.stdout.write(grpc === undefined ? `${http}\n` : `${http}\n${grpc}\n`);
  try {
    await server.load();
  } catch (error: unknown) {
    // Never ready, so there is nobody to drain for: what is wrong is told at once.
    process.exit(report(error));
  }
}

function closeOnSignals(server: ModelServer, { exitWithParent }: ServeFlags): void {
  const close = (): void => void server.close().then(() => process.exit(process.exitCode ?? 0));
  onStopSignals(close);
  if (exitWithParent) watchParent();
}

/**
 * A pipe on standard input closes when the parent ends, however it ends. The parent was the only client, so nobody is left
 * to drain for. Watching it keeps no process alive.
 */
function watchParent(): void {
  const end = (): void => process.exit();
  process.stdin.once('end', end).once('error', end).resume();
  if ('unref' in process.stdin) process.stdin.unref();
}

function configOf(flags: ServeFlags, models: readonly ModelToServe[]): ServerConfig {
  return {
    models,
    labels: versionLabels(flags.label, models),
    modelControl: flags.modelControl ?? false,
    host: address(flags.host),
    port: portNumber(flags.port),
    grpcPort: grpcPortOf(flags),
    settings: settingsOf(flags),
    maxBody: size('max-body', flags.maxBody),
    maxInFlight: integer('max-in-flight', flags.maxInFlight, counts.inFlight),
    requestTimeMs: duration('request-time', flags.requestTime, shortest.requestTime),
    ...drainOf(flags),
  };
}

function settingsOf({ threads, maxRows, requestTime }: ServeFlags): ModelSettings {
  return {
    ...usualSettings,
    threads: integer('threads', threads, counts.threads),
    maxRows: integer('max-rows', maxRows, counts.maxRows),
    deadlineMs: duration('request-time', requestTime, shortest.requestTime),
  };
}

/** Who asks for any free port means it for both. */
function grpcPortOf({ port, grpcPort }: ServeFlags): number | undefined {
  if (grpcPort === 'off') return undefined;
  return portNumber(grpcPort ?? (portNumber(port) === 0 ? '0' : GRPC_PORT), 'grpc-port');
}

function drainOf({ drainDelay, grace }: ServeFlags): Pick<ServerConfig, 'drainDelayMs' | 'graceMs'> {
  const drainDelayMs = duration('drain-delay', drainDelay, shortest.delay);
  const graceMs = duration('grace', grace, shortest.grace);
  if (fitsGrace(drainDelayMs, graceMs)) return { drainDelayMs, graceMs };
  throw failure('usage_invalid', {
    problem: `--drain-delay ${drainDelay} must be shorter than --grace ${grace}`,
  });
}
