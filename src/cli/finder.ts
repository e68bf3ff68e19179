import { failure } from '#base';
import {
  isBroken,
  type ModelSettings,
  policyText,
  type RepositoryModel,
  RepositoryReader,
  type ScannedModel,
} from '#server';
import { type Resolved, resolveModel } from '#store';
import type { Asked } from './asked-models.ts';
import { originsOfEntry, settingsOfEntry } from './entry-settings.ts';
import { label, wrong } from './flags.ts';
import { type Place, placeOf } from './locate.ts';
import { isWhole, processesOf, pythonOf } from './python-model.ts';

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

/** Throws `uri_unsupported`. */
export async function finderOf(asked: Asked, usual: ModelSettings): Promise<Finder> {
  const place = await placeOf(asked, isWhole(asked));
  const { root, kind } = place;
  const { versions } = asked;
  if (kind === 'model') {
    const find = (): Promise<readonly ScannedModel[]> => onlyModel({ asked, usual }, root);
    return { asked, place, find, look: find };
  }
  if (kind === 'repository' && (asked.name !== undefined || asked.version !== undefined))
    throw wrong(`${asked.uri} is a folder of models, which have names and versions of their own`);
  const all = async (reader: RepositoryReader): Promise<readonly ScannedModel[]> => {
    const found = await reader.read();
    if (kind !== 'repository') checkOne(asked, found);
    return found.map(model => (isBroken(model) ? model : asAsked(model, { asked, usual })));
  };
  const first = new RepositoryReader(root, { usual, versions });
  const again = new RepositoryReader(root, { usual, versions, verify: true });
  return { asked, place, find: () => all(first), look: () => all(again) };
}

interface Asking {
  readonly asked: Asked;
  readonly usual: ModelSettings;
}

/** One model file, or a folder with one. */
async function onlyModel({ asked, usual }: Asking, root: string): Promise<readonly ScannedModel[]> {
  if (asked.versions !== undefined) {
    const found = 'it is no folder of numbered versions, so there are none to choose from';
    throw failure('model_ambiguous', { path: root, found });
  }
  const resolved = await resolveModel(root, '/', { isWhole: isWhole(asked) });
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
  return [asAsked(model, { asked, usual })];
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
function asAsked(model: RepositoryModel, { asked, usual }: Asking): RepositoryModel {
  const name = label('name', asked.name ?? model.name);
  const settings = settingsOfEntry(asked, usual);
  const versions = model.versions.map(one => {
    const { deadlineMs = usual.deadlineMs } = { ...one.settings, ...settings };
    const python = pythonOf(asked, one.path, deadlineMs);
    const own = { ...one.settings, ...settings, ...(python && processesOf(asked)) };
    return {
      ...one,
      name,
      version: label('model-version', versionAsked(asked, model) ?? one.version),
      ...(Object.keys(own).length > 0 && { settings: own }),
      ...(python && { python }),
    };
  });
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
    ],
    notes: [...model.notes, ...policyNotes(asked, model)],
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
