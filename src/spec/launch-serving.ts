/** The launch of TensorFlow Serving, with flags of `tensorflow_model_server --help`. */
import type { ServingOptions } from './foreign-schema.ts';
import type { Launch, Place } from './launch.ts';
import { heldTo, listeningOn, milliseconds } from './launch-terms.ts';
import type { PlacedModel, Revision } from './revision.ts';
import { linksOf, repositoryIn, type StagedFile, stagedIn } from './staged-files.ts';

const METRICS = '/monitoring/prometheus/metrics';
const MONITORING = 'monitoring.config';
const LIST = 'models.config';

export function servingLaunch(revision: Revision, place: Place, options: ServingOptions): Launch {
  const { program = 'tensorflow_model_server', args = [], env = {} } = options;
  const { models, server } = revision;
  const status = `/v1/models/${models[0]?.name ?? ''}`;
  return {
    argv: [
      program,
      `--rest_api_port=${place.port}`,
      `--port=${place.grpcPort ?? 0}`,
      ...modelFlags(revision, place),
      // What it serves is what it finds at first: others are another revision.
      '--file_system_poll_wait_seconds=0',
      `--monitoring_config_file=${stagedIn(place, MONITORING)}`,
      ...timeout(revision),
      ...batchingFlags(options),
      ...args,
    ],
    env,
    files: filesOf(revision, place),
    listening: listeningOn(place),
    probes: { ready: status, live: status },
    metrics: { path: METRICS },
    ...heldTo(revision),
    graceMs: milliseconds(server.drain.grace),
  };
}

/** Its own limit is 30 s, which a longer deadline must not meet. */
function timeout({ server: { deadline } }: Revision): string[] {
  return deadline === undefined ? [] : [`--rest_api_timeout_in_ms=${milliseconds(deadline)}`];
}

function batchingFlags({ batching }: ServingOptions): string[] {
  return batching === undefined ? [] : ['--enable_batching=true', `--batching_parameters_file=${batching}`];
}

function modelFlags(revision: Revision, place: Place): string[] {
  const only = onlyPlain(revision);
  if (only === undefined) return [`--model_config_file=${stagedIn(place, LIST)}`];
  return [`--model_name=${only.name}`, `--model_base_path=${repositoryIn(place)}/${only.name}`];
}

/** The one version of the one model, of which no labels are told. */
function onlyPlain(revision: Revision): PlacedModel | undefined {
  const [model, second] = revision.models;
  return second === undefined && labelsOf(revision, model?.name).length === 0 ? model : undefined;
}

function filesOf(revision: Revision, place: Place): StagedFile[] {
  const links = linksOf(revision.models, place, ({ version, artifact }) => [[version, artifact.path]]);
  const monitoring = { name: MONITORING, text: `prometheus_config { enable: true path: "${METRICS}" }\n` };
  const isListed = onlyPlain(revision) === undefined;
  return [...links, monitoring, ...(isListed ? [{ name: LIST, text: listText(revision, place) }] : [])];
}

/** All that lies in the folders of links is wanted. */
function listText(revision: Revision, place: Place): string {
  const names = [...new Set(revision.models.map(({ name }) => name))];
  const entries = names.map(name => {
    const labels = labelsOf(revision, name).map(
      ([label, version]) => `    version_labels { key: "${label}" value: ${version} }\n`,
    );
    return `  config {
    name: "${name}"
    base_path: "${quoted(`${repositoryIn(place)}/${name}`)}"
    model_platform: "tensorflow"
    model_version_policy { all { } }
${labels.join('')}  }\n`;
  });
  return `model_config_list {\n${entries.join('')}}\n`;
}

function quoted(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

function labelsOf({ told }: Revision, name: string | undefined): (readonly [string, string])[] {
  if (told.kind === 'repository') return [];
  return told.entries.flatMap(entry => (entry.name === name ? Object.entries(entry.labels ?? {}) : []));
}
