/** The launch of a server of the user's own. */
import type { CustomOptions } from './foreign-schema.ts';
import type { Launch, Place } from './launch.ts';
import { heldTo, milliseconds } from './launch-terms.ts';
import type { Revision } from './revision.ts';

type Variables = Readonly<Record<string, string>>;

export function customLaunch(revision: Revision, place: Place, options: CustomOptions): Launch {
  const { command = [], image, folder } = options;
  const ports = portsOf(options, place);
  const told = variables(revision, place, ports);
  const own = Object.entries(options.env ?? {}).map(([name, text]) => [name, expanded(text, told)] as const);
  const env = { ...told, ...Object.fromEntries(own) };
  return {
    argv: command.map(text => expanded(text, env)),
    env,
    files: [],
    ...(folder !== undefined && { folder }),
    ...(image !== undefined && { image }),
    listening: { kind: 'told', http: ports.http, grpc: ports.grpc },
    probes: probesOf(options, revision),
    metrics: metricsOf(options, ports.metrics),
    ...heldTo(revision),
    graceMs: milliseconds(revision.server.drain.grace),
  };
}

interface Ports {
  readonly http: number;
  readonly grpc: number | undefined;
  readonly metrics: number | undefined;
}

/** A fixed port is where the command listens anyway; the others it is told. */
function portsOf({ ports }: CustomOptions, { port, grpcPort = 0, metricsPort = 0 }: Place): Ports {
  const { http, grpc, metrics } = ports;
  return {
    http: http === 'auto' ? port : http,
    grpc: grpc === 'auto' ? grpcPort : grpc,
    metrics: metrics === 'auto' ? metricsPort : metrics,
  };
}

function variables({ models, told }: Revision, { host }: Place, ports: Ports): Variables {
  const { name = '', version = '', artifact } = models[0] ?? {};
  const path = told.kind === 'repository' ? told.repository.uri : (artifact?.path ?? '');
  return {
    HOST: host,
    PORT: String(ports.http),
    ...(ports.grpc !== undefined && { GRPC_PORT: String(ports.grpc) }),
    ...(ports.metrics !== undefined && { METRICS_PORT: String(ports.metrics) }),
    MODEL_NAME: name,
    MODEL_PATH: path,
    MODEL_VERSION: version,
  };
}

/** As Kubernetes does in `command` and `env`: `$(NAME)` is the variable, `$$(NAME)` is that text, and what is unknown stays. */
function expanded(text: string, known: Variables): string {
  return text.replaceAll(/\$(?:\$|\((?<name>[A-Za-z_]\w*)\))/g, (written: string, name?: string) => {
    if (written === '$$') return '$';
    return name === undefined ? written : (known[name] ?? written);
  });
}

function probesOf({ protocol, health }: CustomOptions, { models }: Revision): Launch['probes'] {
  const status = `/v1/models/${models[0]?.name ?? ''}`;
  const usual = {
    v2: { ready: '/v2/health/ready', live: '/v2/health/live' },
    tfserving: { ready: status, live: status },
    openai: { ready: '/v1/models', live: '/v1/models' },
    http: { ready: '', live: '' },
  }[protocol];
  const ready = health.ready ?? usual.ready;
  return { ready, live: health.live ?? (health.ready === undefined ? usual.live : ready) };
}

function metricsOf({ metrics }: CustomOptions, port: number | undefined): Launch['metrics'] {
  if (port !== undefined) return { port, path: metrics ?? '/metrics' };
  return metrics === undefined ? undefined : { path: metrics };
}
