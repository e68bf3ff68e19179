import type { ServerConfig } from '#server';
import { label, wrong } from './flags.ts';

export type VersionLabel = NonNullable<ServerConfig['labels']>[number];

/** The `--label MODEL:LABEL=VERSION` flags. Throws `usage_invalid`. */
export function labelFlags(flags: readonly string[]): VersionLabel[] {
  return flags.map(flag => {
    const [, name, given, version] = /^([^:=]+):([^:=]+)=([^:=]+)$/.exec(flag) ?? [];
    if (name === undefined || given === undefined || version === undefined)
      throw wrong(`--label must be MODEL:LABEL=VERSION, not '${flag}'`);
    return { name, label: label('label', given), version };
  });
}

interface Labelled {
  readonly name: string;
  readonly versions: readonly { readonly version: string }[];
  readonly labels: readonly VersionLabel[];
}

/** Throws `usage_invalid` for a label that is given twice, or for a version that is not served. */
export function checkLabels({ name, versions, labels }: Labelled): void {
  const twice = labels.find((one, at) => labels.slice(0, at).some(other => other.label === one.label));
  if (twice !== undefined) throw wrong(`the label '${twice.label}' of model '${name}' is given twice`);
  const served = versions.map(({ version }) => version);
  const stray = labels.find(one => !served.includes(one.version));
  if (stray === undefined) return;
  throw wrong(
    `the label '${stray.label}' of model '${name}' is for version ${stray.version}, which is not served; served are ${served.join(', ')}`,
  );
}
