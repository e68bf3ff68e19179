/** The launch of NVIDIA's Triton, with flags of `tritonserver --help`. */
import type { TritonOptions } from './foreign-schema.ts';
import type { Launch, Place } from './launch.ts';
import { heldTo, listeningOn, milliseconds } from './launch-terms.ts';
import type { PlacedModel, Revision } from './revision.ts';
import { linksOf, repositoryIn } from './staged-files.ts';

export function tritonLaunch(revision: Revision, place: Place, options: TritonOptions): Launch {
  const { program = 'tritonserver', args = [], env = {} } = options;
  const { host, port, grpcPort, metricsPort = 0 } = place;
  const graceMs = milliseconds(revision.server.drain.grace);
  return {
    argv: [
      program,
      `--model-repository=${repositoryOf(revision, place)}`,
      `--http-address=${host}`,
      `--http-port=${port}`,
      ...(grpcPort === undefined
        ? ['--allow-grpc=false']
        : [`--grpc-address=${host}`, `--grpc-port=${grpcPort}`]),
      `--metrics-port=${metricsPort}`,
      // It drains within what is left before it is killed.
      `--exit-timeout-secs=${Math.floor(graceMs / 1000)}`,
      ...controlFlags(revision),
      ...args,
    ],
    env,
    files: revision.told.kind === 'repository' ? [] : linksOf(revision.models, place, filesOf),
    listening: listeningOn(place),
    probes: { ready: '/v2/health/ready', live: '/v2/health/live' },
    metrics: { port: metricsPort, path: '/metrics' },
    ...heldTo(revision),
    graceMs,
  };
}

function repositoryOf({ told }: Revision, place: Place): string {
  return told.kind === 'repository' ? told.repository.uri : repositoryIn(place);
}

function controlFlags({ server: { control } }: Revision): string[] {
  if (control?.poll !== undefined)
    return ['--model-control-mode=poll', `--repository-poll-secs=${milliseconds(control.poll) / 1000}`];
  if (control?.explicit !== undefined) return ['--model-control-mode=explicit', '--load-model=*'];
  return ['--model-control-mode=none'];
}

/** A version's folder, and beside it what belongs to all versions: `config.pbtxt`, labels, warm-up data. */
function filesOf({ version, artifact }: PlacedModel): readonly (readonly [name: string, path: string])[] {
  const beside = artifact.beside ?? [];
  return [[version, artifact.path], ...beside.map(path => [path.split('/').at(-1) ?? '', path] as const)];
}
