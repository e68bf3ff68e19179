import type { ModelSettings, ModelToServe } from '#server';
import type { Artifact } from '#spec';
import type { Asked } from './asked-models.ts';
import { settingsOfEntry } from './entry-settings.ts';
import { label, wrong } from './flags.ts';
import { locate } from './locate.ts';
import { checkLabels, type VersionLabel } from './version-labels.ts';

/** One name, with the versions that are served of it and the labels that stand for them. */
export interface NamedModel {
  readonly name: string;
  readonly versions: readonly ModelToServe[];
  readonly labels: readonly VersionLabel[];
}

/** The models asked for, and where each name leads whenever it is asked. */
export interface NamedModels {
  readonly found: readonly NamedModel[];
  /** Every name as it lies now. Throws what `locate` throws. */
  readonly all: () => Promise<readonly NamedModel[]>;
  /** One name as it lies now; undefined when nothing leads to it. */
  readonly named: (name: string) => Promise<NamedModel | undefined>;
}

/** What is said of models by name, wherever they come from. */
export interface ByName {
  /** How models run that do not say otherwise. */
  readonly usual: ModelSettings;
  readonly shares: ReadonlyMap<string, number>;
  readonly labels: readonly VersionLabel[];
}

/** The models that were asked for. Throws `usage_invalid`, and what `locate` throws. */
export async function namedModels(asked: readonly Asked[], byName: ByName): Promise<NamedModels> {
  const last = await Promise.all(asked.map(one => identify(one, byName)));
  const found = merged(last, byName);
  checkNames(found, byName);
  for (const one of found) checkLabels(one);
  const all = async (): Promise<readonly NamedModel[]> => {
    const now = await Promise.all(asked.map(one => identify(one, byName)));
    last.splice(0, now.length, ...now);
    return merged(now, byName);
  };
  const named = async (name: string): Promise<NamedModel | undefined> => {
    const some = asked.filter((_, at) => last[at]?.some(one => one.name === name));
    const now = await Promise.all(some.map(one => identify(one, byName)));
    return merged(now, byName).find(one => one.name === name);
  };
  return { found, all, named };
}

async function identify(asked: Asked, { usual }: ByName): Promise<NamedModel[]> {
  const { artifacts } = await locate(asked, asked.base);
  const settings = settingsOfEntry(asked, usual);
  const versions = artifacts.map(artifact => ({
    name: label('name', asked.name ?? artifact.name ?? ''),
    version: label('model-version', asked.version ?? versionOf(artifact)),
    path: artifact.path,
    identity: artifact.digest,
    ...(Object.keys(settings).length > 0 && { settings }),
  }));
  const [first] = versions;
  if (first === undefined) return [];
  const labels = Object.entries(asked.labels ?? {}).map(([text, version]) => ({
    name: first.name,
    label: text,
    version,
  }));
  return [{ name: first.name, versions, labels }];
}

function versionOf({ version, digest }: Artifact): string {
  return version ?? digest.replace('sha256:', '').slice(0, 8);
}

/** What was found under the same name belongs together. */
function merged(
  found: readonly (readonly NamedModel[])[],
  { shares, labels }: ByName,
): readonly NamedModel[] {
  const names = Map.groupBy(found.flat(), one => one.name);
  return Array.from(names, ([name, parts]) => {
    const share = shares.get(name);
    const versions = distinct(parts.flatMap(part => part.versions));
    const own = parts.flatMap(part => part.labels);
    return {
      name,
      versions: share === undefined ? versions : versions.map(one => withShare(one, share)),
      labels: [...own, ...labels.filter(one => one.name === name)],
    };
  });
}

function withShare(model: ModelToServe, share: number): ModelToServe {
  return { ...model, settings: { ...model.settings, share } };
}

function distinct(versions: readonly ModelToServe[]): readonly ModelToServe[] {
  const same = versions.find((one, at) => versions.slice(0, at).some(other => other.version === one.version));
  if (same === undefined) return versions;
  throw wrong(`two models are both '${same.name}' version ${same.version}; write NAME=PATH`);
}

/** What a flag says of a model must be said of one that is there. */
function checkNames(found: readonly NamedModel[], { shares, labels }: ByName): void {
  const names = found.map(one => one.name);
  const stray = [...shares.keys()].find(name => !names.includes(name));
  if (stray !== undefined)
    throw wrong(`--share: model '${stray}' is not served; served are ${names.join(', ')}`);
  const other = labels.find(one => !names.includes(one.name));
  if (other === undefined) return;
  throw wrong(`--label: model '${other.name}' is not served; served are ${names.join(', ')}`);
}
