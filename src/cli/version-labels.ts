import { failure } from '#base';
import type { ServerConfig } from '#server';
import { label } from './flags.ts';

type VersionLabel = NonNullable<ServerConfig['labels']>[number];

/** The `--label MODEL:LABEL=VERSION` flags. Throws `usage_invalid`, also for a version that is not among the models. */
export function versionLabels(flags: readonly string[], models: ServerConfig['models']): VersionLabel[] {
  const labels = flags.map(flag => readLabel(flag, models));
  const twice = labels.find((one, index) => labels.slice(0, index).some(other => isSame(one, other)));
  if (twice === undefined) return labels;
  throw wrong(`the label '${twice.label}' of model '${twice.name}' is given twice`);
}

function readLabel(flag: string, models: ServerConfig['models']): VersionLabel {
  const [, name, given, version] = /^([^:=]+):([^:=]+)=([^:=]+)$/.exec(flag) ?? [];
  if (name === undefined || given === undefined || version === undefined)
    throw wrong(`--label must be MODEL:LABEL=VERSION, not '${flag}'`);
  if (models.some(model => model.name === name && model.version === version))
    return { name, label: label('label', given), version };
  const served = models.map(model => `${model.name} version ${model.version}`).join(', ');
  throw wrong(`--label ${flag}: version ${version} of model '${name}' is not served; served are ${served}`);
}

function isSame(a: VersionLabel, b: VersionLabel): boolean {
  return a.name === b.name && a.label === b.label;
}

function wrong(problem: string): Error {
  return failure('usage_invalid', { problem });
}
