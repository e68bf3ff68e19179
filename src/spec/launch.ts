import type { Result } from '#base';
import { largest, readDuration, readSize } from './bounds.ts';
import { stableJson } from './canonical.ts';
import type { ModelEntry } from './model-schema.ts';
import type { Revision, Told } from './revision.ts';
import { versionsText } from './versions.ts';

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
  const { told, server } = revision;
  const flags = {
    ...placeFlags(place),
    ...modelFlags(revision),
    ...serverFlags(revision),
    ...toldFlags(told),
  };
  const written = Object.entries(flags).flatMap(([flag, value]) => flagText(flag, value));
  const folder = told.kind === 'repository' ? [told.repository.uri] : [];
  return {
    argv: [...place.program, 'serve', ...written, ...folder],
    env: environment(told),
    probes,
    grpc: place.grpcPort !== undefined,
    graceMs: milliseconds(server.drain.grace),
  };
}

/** A flag's value: true for one that has none, undefined for one that is left out. */
type FlagValue = string | number | true | undefined;
type Flags = Readonly<Record<string, FlagValue>>;

function flagText(flag: string, value: FlagValue): string[] {
  if (value === undefined) return [];
  return [value === true ? `--${flag}` : `--${flag}=${value}`];
}

function placeFlags({ host, port, grpcPort }: Place): Flags {
  return { host, port, 'grpc-port': grpcPort ?? 'off' };
}

/** How models run that do not say otherwise. */
function modelFlags({ runtime, server }: Revision): Flags {
  const { threads, instances, place, provider } = runtime.onnx;
  const { batching, deadline, queue, priorities } = server;
  return {
    threads,
    instances,
    place,
    provider,
    'max-rows': batching.maxRows,
    'max-delay': batching.maxDelay,
    deadline,
    'queue-rows': queue.rows,
    'queue-bytes': queue.bytes,
    priorities: `${priorities.levels}:${priorities.usual}`,
  };
}

function serverFlags({ server: { limits, drain, control, lazy } }: Revision): Flags {
  return {
    'max-body': limits.body,
    'max-in-flight': limits.inFlight,
    'request-time': limits.requestTime,
    'drain-delay': drain.delay,
    grace: drain.grace,
    poll: control?.poll,
    'model-control': control?.explicit && true,
    lazy: lazy && true,
    memory: lazy?.memory,
  };
}

function toldFlags(told: Told): Flags {
  if (told.kind === 'entries') return {};
  const { versions } = told.repository;
  return { versions: versions && versionsText(versions) };
}

/**
 * What to serve: one model by the variables that a hand-written server takes, several by a list. The others are emptied,
 * for a server inherits what its parent has.
 */
function environment(told: Told): Record<string, string> {
  const empty = { FAIRLEAD_MODELS: '', MODEL_PATH: '', MODEL_NAME: '', MODEL_VERSION: '' };
  if (told.kind === 'repository') return empty;
  const only = onlyPlain(told.entries);
  if (only === undefined) return { ...empty, FAIRLEAD_MODELS: stableJson(told.entries) };
  return { ...empty, MODEL_PATH: only.uri, MODEL_NAME: only.name, MODEL_VERSION: only.version ?? '' };
}

/** The one model of which nothing is said but its name, version and place. */
function onlyPlain([entry, second]: readonly ModelEntry[]): ModelEntry | undefined {
  if (entry === undefined || second !== undefined) return undefined;
  const { uri: _uri, name: _name, version: _version, ...more } = entry;
  return Object.values(more).every(value => value === undefined) ? entry : undefined;
}

/** A size of memory that the schema has already checked, in bytes. */
export function memoryBytes(text: string): number {
  return checked(text, readSize(text, largest.memory));
}

/** A duration that the schema has already checked, in milliseconds. */
export function milliseconds(text: string): number {
  return checked(text, readDuration(text));
}

function checked(text: string, result: Result<number, string>): number {
  if (!result.ok) throw new Error(`the schema let through '${text}': it ${result.error}`);
  return result.value;
}
