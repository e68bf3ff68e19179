import { failure, messageOf } from '#base';
import {
  isBroken,
  type ModelSettings,
  policyText,
  type RepositoryModel,
  RepositoryReader,
  type RepositoryVersion,
  type ScannedModel,
} from '#server';
import { type Resolved, resolveModel } from '#store';
import type { Asked } from './asked-models.ts';
import { originsOfEntry, originsOfProcesses, settingsOfEntry } from './entry-settings.ts';
import { label, wrong } from './flags.ts';
import { kindOf, type Place, rootOf } from './locate.ts';
import { classOf } from './python-class.ts';
import { pythonOf } from './python-model.ts';

/** Looks for the models behind one thing that was asked for, again and again. */
export interface Finder {
  readonly asked: Asked;
  readonly place: Place;
  /** What lies there now. Throws where it cannot be told, and `usage_invalid` for what cannot be asked of it. */
  find(): Promise<readonly ScannedModel[]>;
  /**
   * The same once models are served: a file that is no valid model, since it is still being written perhaps, must not take
   * the place of one that is.
   */
  look(): Promise<readonly ScannedModel[]>;
}

/** Throws `uri_invalid`. */
export async function finderOf(asked: Asked, usual: ModelSettings): Promise<Finder> {
  const root = rootOf(asked);
  const named = await classOf(asked, root);
  const place = { root, kind: await kindOf(root, named) };
  const asking = { asked, usual, class: named };
  if (place.kind === 'model') {
    const find = (): Promise<readonly ScannedModel[]> => onlyModel(asking, root);
    return { asked, place, find, look: find };
  }
  checkRepository(asked, place);
  const all = async (reader: RepositoryReader): Promise<readonly ScannedModel[]> => {
    const found = await reader.read();
    if (place.kind !== 'repository') checkOne(asked, found);
    return Promise.all(found.map(model => readable(model, asking, place)));
  };
  const options = { usual, versions: asked.versions, isWhole: named !== undefined };
  const first = new RepositoryReader(root, options);
  const again = new RepositoryReader(root, { ...options, verify: true });
  return { asked, place, find: () => all(first), look: () => all(again) };
}

function checkRepository({ name, version, uri, usualPython }: Asked, { kind }: Place): void {
  if (kind !== 'repository') return;
  if (name !== undefined || version !== undefined)
    throw wrong(`${uri} is a folder of models, which have names and versions of their own`);
  if (usualPython?.class !== undefined)
    throw wrong(`${uri} is a folder of models, and a class is that of one`);
}

/** Of a repository, what is wrong with how one model is to run keeps no other from being served. */
async function readable(model: ScannedModel, asking: Asking, { kind }: Place): Promise<ScannedModel> {
  if (isBroken(model)) return model;
  try {
    return await asAsked(model, asking);
  } catch (error: unknown) {
    if (kind !== 'repository') throw error;
    return { name: model.name, problem: messageOf(error) };
  }
}

interface Asking {
  readonly asked: Asked;
  readonly usual: ModelSettings;
  /** The author's, where it loads what was asked for. */
  readonly class: string | undefined;
}

/** One model file, or a folder with one. */
async function onlyModel(asking: Asking, root: string): Promise<readonly ScannedModel[]> {
  const { asked, class: named } = asking;
  if (asked.versions !== undefined) {
    const found = 'it is no folder of numbered versions, so there are none to choose from';
    throw failure('model_ambiguous', { path: root, found });
  }
  const isCode = named !== undefined;
  const said = { ...asked.usualPython, ...asked.runtime?.python };
  const withCode = isCode || said.allowUnsafeFormats === true;
  const resolved = await resolveModel(root, '/', { isWhole: isCode, withCode });
  const { name } = resolved;
  const version = { name, version: versionOf(resolved), path: resolved.path, identity: resolved.digest };
  const model = {
    name,
    versions: [version],
    labels: [],
    left: [],
    policy: undefined,
    origins: [],
    notes: [],
  };
  return [await asAsked(model, asking)];
}

function versionOf({ version, digest }: Resolved): string {
  return version ?? digest.replace('sha256:', '').slice(0, 8);
}

function checkOne(asked: Asked, [first, second]: readonly ScannedModel[]): void {
  if (first === undefined || second !== undefined || isBroken(first)) return;
  const missing = asked.versions?.specific?.find(
    wanted =>
      first.policy?.specific !== undefined && first.versions.every(({ version }) => version !== wanted),
  );
  if (missing === undefined) return;
  const there = [...first.versions, ...first.left].map(({ version }) => version).join(', ');
  throw wrong(`${asked.uri} has no version ${missing} to serve, but ${there}`);
}

/** A model with the name and settings that were asked for it, beside those of its own configuration. */
async function asAsked(model: RepositoryModel, asking: Asking): Promise<RepositoryModel> {
  const { asked, usual } = asking;
  const name = label('name', asked.name ?? model.name);
  const settings: object = settingsOfEntry(asked, usual);
  const versions = await Promise.all(model.versions.map(one => versionAsAsked(one, model, asking)));
  const labels = Object.entries(asked.labels ?? {}).map(([text, version]) => ({
    name,
    label: text,
    version,
  }));
  return {
    ...model,
    name,
    versions,
    labels: [...model.labels.map(one => ({ ...one, name })), ...labels],
    origins: [
      ...model.origins.filter(({ setting }) => !Object.hasOwn(settings, setting)),
      ...originsOfEntry(asked),
      ...(versions.some(({ python }) => python !== undefined)
        ? originsOfProcesses(asked, asked.usualPython)
        : []),
    ],
    notes: [...model.notes, ...policyNotes(asked, model)],
  };
}

async function versionAsAsked(
  one: RepositoryVersion,
  model: RepositoryModel,
  { asked, usual, class: named }: Asking,
): Promise<RepositoryVersion> {
  const settings = settingsOfEntry(asked, usual);
  const { deadlineMs = usual.deadlineMs } = { ...one.settings, ...settings };
  const python = await pythonOf(asked, { path: one.path, class: named, deadlineMs });
  const own = { ...one.settings, ...settings, ...python?.settings };
  return {
    ...one,
    name: label('name', asked.name ?? model.name),
    version: label('model-version', versionAsked(asked, model) ?? one.version),
    ...(Object.keys(own).length > 0 && { settings: own }),
    ...(python && { python: python.model }),
  };
}

function versionAsked({ version, uri }: Asked, { versions }: RepositoryModel): string | undefined {
  if (version === undefined || versions.length === 1) return version;
  throw wrong(`${uri} has ${versions.length} versions, which cannot all be called ${version}`);
}

/** A choice of versions gives way to that of a model's own configuration. */
function policyNotes({ versions }: Asked, { policy }: RepositoryModel): RepositoryModel['notes'] {
  if (versions === undefined || policy === undefined) return [];
  const [value, own] = [policyText(versions), policyText(policy)];
  if (value === own) return [];
  return [{ field: 'versions', value, why: `its own configuration has a policy, '${own}'` }];
}
