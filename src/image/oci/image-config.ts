import type { ImageConfig } from '../base-image.ts';
import type { BuiltLayer } from '../built.ts';
import type { RunConfig } from '../recipe.ts';

/** What of an image its configuration tells. */
export interface ConfiguredImage {
  readonly base: ImageConfig;
  /** How many layers the base has. */
  readonly layers: readonly Pick<BuiltLayer, 'role' | 'title' | 'diffId'>[];
  readonly run: RunConfig;
  readonly labels: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly created: string;
}

/**
 * The configuration of an image over its base: OCI image specification, "Image Configuration". Only what that defines is carried
 * on: a health check or a volume of the base is about another program.
 */
export function imageConfigOf({ base, layers, run, labels, created }: ConfiguredImage): object {
  const { os, architecture, variant } = base;
  const more = base as unknown as Record<string, unknown>;
  const carried = ['os.version', 'os.features'].filter(key => more[key] !== undefined);
  return {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...Object.fromEntries(carried.map(key => [key, more[key]])),
    created,
    config: runConfigOf(base, run, labels),
    rootfs: { type: 'layers', diff_ids: [...base.rootfs.diff_ids, ...layers.map(({ diffId }) => diffId)] },
    history: [...baseHistory(base), ...layers.map(one => historyOf(one, created))],
  };
}

function runConfigOf(
  { config = {} }: ImageConfig,
  run: RunConfig,
  labels: Readonly<Record<string, string>>,
): object {
  return {
    User: run.user,
    ExposedPorts: Object.fromEntries(run.ports.map(port => [`${port}/tcp`, {}])),
    Env: mergedEnv(config.Env ?? [], run.env),
    ...programOf(config, run),
    WorkingDir: run.folder ?? (config.WorkingDir || '/'),
    Labels: { ...labelsOfBase(config.Labels ?? {}), ...labels },
    StopSignal: run.stopSignal,
  };
}

/** Arguments go with the program that they are for: those of the base are none of ours. */
function programOf(
  { Entrypoint, Cmd }: NonNullable<ImageConfig['config']>,
  { entrypoint, cmd }: RunConfig,
): { Entrypoint: readonly string[]; Cmd: readonly string[] } {
  if (entrypoint.length > 0) return { Entrypoint: entrypoint, Cmd: cmd };
  return { Entrypoint: Entrypoint ?? [], Cmd: cmd.length > 0 ? cmd : (Cmd ?? []) };
}

/** In the order of the base, ours in the place of those of the same name, and the rest of ours behind, by name. */
function mergedEnv(base: readonly string[], own: Readonly<Record<string, string>>): string[] {
  const all = new Map(base.map(line => [nameOf(line), line]));
  for (const name of Object.keys(own).toSorted()) all.set(name, `${name}=${own[name]}`);
  return [...all.values()];
}

function nameOf(line: string): string {
  return line.split('=', 1)[0] ?? '';
}

/** What the OCI's labels say of the base is not so of what is built on it: its title, its version, its source. */
function labelsOfBase(labels: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(labels).filter(([key]) => !key.startsWith('org.opencontainers.image.'));
  return Object.fromEntries(kept);
}

/** One line for each layer, or tools refuse the image; a base that has another number is told layer by layer. */
function baseHistory({ history = [], rootfs }: ImageConfig): readonly object[] {
  const { length } = rootfs.diff_ids;
  if (history.filter(line => line['empty_layer'] !== true).length === length) return history;
  return Array.from({ length }, (_, at) => ({ created_by: `layer ${at + 1} of the base` }));
}

function historyOf({ role, title }: ConfiguredImage['layers'][number], created: string): object {
  return { created, created_by: `fairlead: ${role}, ${title}` };
}
