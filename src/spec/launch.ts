import { stableJson } from '#base';
import { customLaunch } from './launch-custom.ts';
import { servingLaunch } from './launch-serving.ts';
import { milliseconds } from './launch-terms.ts';
import { tritonLaunch } from './launch-triton.ts';
import { isFetched, type ModelEntry } from './model-schema.ts';
import type { Revision, Told } from './revision.ts';
import type { ServerOptions } from './schema.ts';
import type { StagedFile } from './staged-files.ts';
import { versionsText } from './versions.ts';

/** Where a server is to run. More places (a container) join here, so that one file cannot mean two things. */
export interface Place {
  /** The command that is fairlead itself, before its verb. */
  readonly program: readonly string[];
  readonly host: string;
  /** 0 lets the system choose; the server prints its address on stdout. A server of others takes no 0. */
  readonly port: number;
  /** The same for gRPC; undefined for none. Its address is the next line. */
  readonly grpcPort: number | undefined;
  /** For metrics, of a server that has a port of its own for them. */
  readonly metricsPort?: number;
  /** Where `Launch.files` are to lie, as an absolute path. */
  readonly folder?: string;
  /** Where a server of others finds the folders of its models, if they lie there already and no links in `folder` are to be made. */
  readonly repository?: string;
  /**
   * Models are not there yet: this folder is the cache that they are brought into before a server starts, by `Launch.init`. Servers
   * that share it download nothing twice.
   */
  readonly cache?: string;
  /** Another process is the door: this server needs no TLS, CORS or credentials of clients. */
  readonly behindGateway: boolean;
  /** The least level that is logged, whatever the file says. */
  readonly logLevel?: string | undefined;
}

/**
 * How it is known where a server listens. One of fairlead's prints its addresses on stdout, a second one for gRPC, and it ends
 * with its parent where it is asked to; one of others is told its ports and says nothing.
 */
export type Listening =
  | { readonly kind: 'announced'; readonly grpc: boolean }
  | { readonly kind: 'told'; readonly http: number; readonly grpc: number | undefined };

/** How to start one server and how to tell its health: the launch contract between `spec` and whoever starts servers. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Brings its models where it looks for them, and ends; runs before it. Undefined where there are none to bring. */
  readonly init?: { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };
  /** What it reads and is made before it starts, below `Place.folder`. */
  readonly files: readonly StagedFile[];
  /** Where it starts; undefined for where its starter is. */
  readonly folder?: string;
  /** The container image, where it has one of its own. */
  readonly image?: string;
  readonly listening: Listening;
  /** Paths of HTTP that answer 200: once it may have requests, and while it runs. */
  readonly probes: { readonly ready: string; readonly live: string };
  /** Its page for Prometheus, at its HTTP port unless it says another; undefined where it has none. */
  readonly metrics: { readonly port?: number; readonly path: string } | undefined;
  /** Milliseconds until an answer begins, at most, and bytes of a body: for whoever asks, where the server does not see to it. */
  readonly answerMs?: number;
  readonly mostBody?: number;
  /** Milliseconds from SIGTERM to a server's exit, at most. */
  readonly graceMs: number;
}

const probes = { ready: '/health', live: '/health/live' } as const;

/** The launch of one server of a revision at a place. */
export function launch(revision: Revision, place: Place): Launch {
  const { triton, tensorflowServing, custom } = revision.runtime;
  if (triton !== undefined) return tritonLaunch(revision, place, triton);
  if (tensorflowServing !== undefined) return servingLaunch(revision, place, tensorflowServing);
  return custom === undefined ? ownLaunch(revision, place) : customLaunch(revision, place, custom);
}

function ownLaunch(revision: Revision, place: Place): Launch {
  const { server } = revision;
  const told = place.cache === undefined ? revision.told : revision.away;
  const flags = {
    ...placeFlags(place, revision),
    ...modelFlags(revision),
    ...serverFlags(revision),
    ...(place.behindGateway ? {} : doorFlags(revision)),
    ...observingFlags(revision, place),
    ...toldFlags(told, revision),
  };
  const written = Object.entries(flags).flatMap(([flag, value]) => flagText(flag, value));
  const folder = told.kind === 'repository' ? [told.repository.uri] : [];
  return {
    argv: [...place.program, 'serve', ...written, ...folder],
    env: {
      ...environment(told),
      ...accessVariable(server, place),
      ...policyVariable(revision),
      ...cacheVariable(place),
    },
    ...initOf(told, revision, place),
    files: [],
    listening: { kind: 'announced', grpc: place.grpcPort !== undefined },
    probes,
    metrics: { path: '/metrics' },
    graceMs: milliseconds(server.drain.grace),
  };
}

/** A flag's value: true for one that has none, a list for one that is repeated, undefined for one that is left out. */
type FlagValue = string | number | true | readonly string[] | undefined;
type Flags = Readonly<Record<string, FlagValue>>;

function flagText(flag: string, value: FlagValue): string[] {
  if (value === undefined) return [];
  if (typeof value === 'object') return value.flatMap(one => flagText(flag, one));
  return [value === true ? `--${flag}` : `--${flag}=${value}`];
}

function placeFlags({ host, port, grpcPort, behindGateway }: Place, { server }: Revision): Flags {
  const onlyGateway = (behindGateway && server.auth !== undefined) || undefined;
  return { host, port, 'grpc-port': grpcPort ?? 'off', 'only-gateway': onlyGateway };
}

/** Who may ask for what, where no gateway has asked that already; emptied else, as those of the models are. */
function accessVariable({ auth }: ServerOptions, { behindGateway }: Place): Record<string, string> {
  return { FAIRLEAD_AUTH: auth === undefined || behindGateway ? '' : stableJson(auth) };
}

/** Which models are let in beside what the machine's own policy says; emptied else. */
function policyVariable({ policy }: Revision): Record<string, string> {
  return { FAIRLEAD_MODEL_POLICY: policy === undefined ? '' : stableJson(policy) };
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
    grace: drain.grace,
    poll: control?.poll,
    'model-control': control?.explicit && true,
    lazy: lazy && true,
    memory: lazy?.memory,
  };
}

/** What is the door's: a server behind another has none of it, and no reason to linger for balancers. */
function doorFlags({ server: { tls, cors, drain }, notice }: Revision): Flags {
  return {
    'drain-delay': drain.delay,
    'tls-certificate': tls?.certificate,
    'tls-key': tls?.key,
    'tls-client-authority': tls?.clientAuthority,
    'health-port': tls?.healthPort,
    'cors-origin': cors?.origins,
    'cors-header': cors?.headers,
    'cors-max-age': cors?.maxAge,
    'notice-file': notice?.file,
    'notice-budget': notice?.budget,
  };
}

/** A server that tells of its work says whose it is. */
function observingFlags({ name, server }: Revision, place: Place): Flags {
  const { tracing, log = {}, payloadLog } = server;
  return {
    revision: name,
    'trace-endpoint': tracing?.endpoint,
    'trace-sample': tracing?.sample,
    'log-level': place.logLevel ?? log.level,
    'log-requests': log.requests,
    'log-slow': log.slow,
    ...(payloadLog && payloadFlags(payloadLog)),
  };
}

function payloadFlags(log: NonNullable<Revision['server']['payloadLog']>): Flags {
  return {
    'payload-log': log.file ?? log.http,
    'payload-sample': log.sample,
    'payload-redact': log.redact,
    'payload-bytes': log.maxBytes,
    'payload-file-bytes': log.maxFile,
    'payload-files': log.files,
    'payload-form': log.form,
  };
}

/** Entries say all of it themselves, but for those of which nobody knows what they are. */
function toldFlags(told: Told, { runtime: { python } }: Revision): Flags {
  if (told.kind === 'entries') return { python: told.python && stableJson(told.python) };
  const { digest, repository } = told;
  const { versions } = repository;
  return { digest, versions: versions && versionsText(versions), python: python && stableJson(python) };
}

function cacheVariable({ cache }: Place): Record<string, string> {
  return cache === undefined ? {} : { FAIRLEAD_CACHE: cache };
}

/** What the server is told is what is pulled, by the same policy. */
function initOf(told: Told, revision: Revision, place: Place): Pick<Launch, 'init'> {
  const uris = told.kind === 'entries' ? told.entries.map(({ uri }) => uri) : [told.repository.uri];
  if (place.cache === undefined || !uris.some(isFetched)) return {};
  // Its choice of versions is part of what is asked for: what was pulled by another would be looked for anew.
  const { digest, versions } = told.kind === 'entries' ? {} : toldFlags(told, revision);
  const python = told.kind === 'repository' ? revision.runtime.python : told.python;
  const isUnsafe = python?.allowUnsafeFormats === true;
  const flags = { digest, versions, 'allow-unsafe-formats': isUnsafe || undefined };
  const written = Object.entries(flags).flatMap(([flag, value]) => flagText(flag, value));
  const folder = told.kind === 'repository' ? uris : [];
  return {
    init: {
      argv: [...place.program, 'store', 'pull', ...written, ...folder],
      env: { ...environment(told), ...policyVariable(revision), ...cacheVariable(place) },
    },
  };
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
