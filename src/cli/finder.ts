import { failure, messageOf } from '#base';
import {
  FileStamp,
  isBroken,
  type ModelOrigin,
  type ModelSettings,
  policyText,
  type ReadModel,
  type RepositoryModel,
  RepositoryReader,
  type RepositoryVersion,
  readModel,
  type ScannedModel,
} from '#server';
import { explained, type Held, type Known, redacted, resolveModel } from '#store';
import type { Asked } from './asked-models.ts';
import { originsOfEntry, originsOfProcesses, settingsOfEntry } from './entry-settings.ts';
import { label, wrong } from './flags.ts';
import {
  calledOf,
  identityAt,
  isFetched,
  kindOf,
  knownIn,
  originOf,
  type Place,
  wantedOf,
} from './locate.ts';
import type { ModelStore } from './model-store.ts';
import { classOf } from './python-class.ts';
import { pythonOf } from './python-model.ts';

/** Looks for the models behind one thing that was asked for, again and again. */
export interface Finder {
  readonly asked: Asked;
  /** Where it lay at the last look. */
  readonly place: Place;
  /** What lies there now. Throws where it cannot be told, and `usage_invalid` for what cannot be asked of it. */
  find(): Promise<readonly ScannedModel[]>;
  /**
   * The same once models are served: a file that is no valid model, since it is still being written perhaps, must not take
   * the place of one that is.
   */
  look(): Promise<readonly ScannedModel[]>;
  /** What was found before, lies at none of these paths, and was fetched, may be removed from the cache. */
  letGo(paths: readonly string[]): void;
}

/** What was found at one place. */
type Found = Pick<Finder, 'asked' | 'place' | 'find' | 'look'>;

/** What its URI leads to is asked anew at each look: what lies elsewhere may have changed. Throws what `ModelStore.hold` does. */
export async function finderOf(asked: Asked, usual: ModelSettings, store: ModelStore): Promise<Finder> {
  const wanted = wantedOf(asked);
  let at = await finderIn(asked, usual, await store.hold(wanted));
  let isFresh = true;
  let left: readonly Held[] = [];
  const again = async (): Promise<Found> => {
    const before = at;
    if (!isFresh) at = await moved(at, await store.hold(wanted), usual);
    if (at !== before) left = [...left, before.place.held];
    isFresh = false;
    return at;
  };
  return {
    asked,
    letGo: paths => {
      const isRead = ({ root }: Held): boolean => paths.some(path => `${path}/`.startsWith(`${root}/`));
      for (const held of left) if (!isRead(held)) held.release();
      left = left.filter(isRead);
    },
    get place() {
      return at.place;
    },
    find: async () => (await again()).find(),
    look: async () => (await again()).look(),
  };
}

/** The same as long as nothing has moved: it remembers what it has read. */
async function moved(at: Found, held: Held, usual: ModelSettings): Promise<Found> {
  const { root, held: before } = at.place;
  if (held.root !== root || held.digest !== before.digest) return finderIn(at.asked, usual, held);
  held.release();
  return at;
}

async function finderIn(asked: Asked, usual: ModelSettings, held: Held): Promise<Found> {
  const { root } = held;
  const named = await classOf(asked, root);
  const place = { root, held, called: calledOf(held), kind: await kindOf(root, named) };
  const asking = { asked, usual, class: named, held };
  if (place.kind === 'model') {
    const find = (): Promise<readonly ScannedModel[]> =>
      onlyModel(asking, place).catch(error => Promise.reject(explained(error, asked.uri, asked.base)));
    return { asked, place, find, look: find };
  }
  checkRepository(asked, place);
  const all = async (reader: RepositoryReader): Promise<readonly ScannedModel[]> => {
    const found = await reader.read();
    if (place.kind !== 'repository') checkOne(asked, found);
    return Promise.all(found.map(model => readable(model, asking, place)));
  };
  const { name } = identityAt(held, root);
  const options = { usual, versions: asked.versions, isWhole: named !== undefined, name };
  const first = new RepositoryReader(root, options);
  const again = new RepositoryReader(root, { ...options, verify: true });
  return { asked, place, find: () => all(first), look: () => all(again) };
}

function checkRepository({ name, version, uri, usualPython }: Asked, { kind }: Place): void {
  if (kind !== 'repository') return;
  if (name !== undefined || version !== undefined)
    throw wrong(`${redacted(uri)} is a folder of models, which have names and versions of their own`);
  if (usualPython?.class !== undefined)
    throw wrong(`${redacted(uri)} is a folder of models, and a class is that of one`);
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
  readonly held: Held;
}

/** One model file, or a folder with one. */
async function onlyModel(asking: Asking, { root, called }: Place): Promise<readonly ScannedModel[]> {
  const { asked, class: named, held } = asking;
  // Of a fetched folder of versions the one that is wanted may be all there is.
  if (asked.versions !== undefined && !(isFetched(held) && identityAt(held, root).version !== undefined)) {
    const found = 'it is no folder of numbered versions, so there are none to choose from';
    throw failure('model_ambiguous', { path: called, found });
  }
  const isCode = named !== undefined;
  const said = { ...asked.usualPython, ...asked.runtime?.python };
  const withCode = isCode || said.allowUnsafeFormats === true;
  let stamp = new FileStamp([]);
  const seeing = (files: readonly string[]): void => {
    stamp = new FileStamp(files);
  };
  const resolve = (known?: Known): ReturnType<typeof resolveModel> =>
    resolveModel(root, '/', { isWhole: isCode, withCode, seeing, ...(known && { known }) });
  const known = knownIn(held);
  const { path, digest } = await resolve(isFetched(held) ? known : undefined);
  if (known !== undefined && !isFetched(held)) checkStill(digest, (await resolve(known)).digest, root);
  const { name, version } = identityAt(held, path);
  const found = {
    name,
    version: version ?? shortened(digest),
    path,
    identity: digest,
    read: { digest, stamp, isPinned: held.digest !== undefined },
  };
  const model = {
    name,
    versions: [found],
    labels: [],
    left: [],
    policy: undefined,
    origins: [],
    notes: [],
  };
  return [await asAsked(model, asking)];
}

/** What is pinned on this machine was verified, and is read once more now that its files are marked: nobody changed it since. */
function checkStill(found: string, expected: string, path: string): void {
  if (found !== expected) throw failure('digest_mismatch', { path, expected, found });
}

function shortened(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 8);
}

function checkOne(asked: Asked, [first, second]: readonly ScannedModel[]): void {
  if (first === undefined || second !== undefined || isBroken(first)) return;
  const missing = asked.versions?.specific?.find(
    wanted =>
      first.policy?.specific !== undefined && first.versions.every(({ version }) => version !== wanted),
  );
  if (missing === undefined) return;
  const there = [...first.versions, ...first.left].map(({ version }) => version).join(', ');
  throw wrong(`${redacted(asked.uri)} has no version ${missing} to serve, but ${there}`);
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
  const origin = modelOrigin(asking.held);
  return {
    ...model,
    ...(origin && { origin }),
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

function modelOrigin(held: Held): ModelOrigin | undefined {
  const { digest, manifest, revision, fetched } = held;
  if (digest === undefined || manifest === undefined) return undefined;
  const uri = originOf(held);
  return {
    ...(uri !== undefined && { uri }),
    digest,
    ...(revision !== undefined && { revision }),
    bytes: manifest.files.reduce((sum, { size }) => sum + size, 0),
    isCached: fetched === 0,
  };
}

async function versionAsAsked(
  one: RepositoryVersion,
  model: RepositoryModel,
  { asked, usual, class: named, held }: Asking,
): Promise<RepositoryVersion> {
  const settings = settingsOfEntry(asked, usual);
  const origin = originOf(held);
  const { deadlineMs = usual.deadlineMs } = { ...one.settings, ...settings };
  const python = await pythonOf(asked, { path: one.path, class: named, deadlineMs });
  const own = { ...one.settings, ...settings, ...python?.settings };
  const read = one.read ?? (await readIn(held, { ...one, ...(python && { python: python.model }) }));
  return {
    ...one,
    ...(read && { read }),
    ...(origin !== undefined && { uri: origin }),
    name: label('name', asked.name ?? model.name),
    version: label('model-version', versionAsked(asked, model) ?? one.version),
    ...(Object.keys(own).length > 0 && { settings: own }),
    ...(python && { python: python.model }),
  };
}

/** One of several models that the store has verified: it is that which is loaded, and no other that takes its place. */
async function readIn(held: Held, version: RepositoryVersion): Promise<ReadModel | undefined> {
  const verified = knownIn(held);
  if (verified === undefined) return undefined;
  // A list may name any folder of this machine, and a link may lead to one.
  const known: Known = path => verified(path) ?? refuseOutside(held, path);
  const read = await readModel(version, isFetched(held) ? known : undefined);
  if (!isFetched(held)) checkStill(read.digest, (await readModel(version, known)).digest, version.path);
  return { ...read, isPinned: true };
}

function refuseOutside(held: Held, path: string): never {
  const problem = `${path} is no part of what was verified, and would be loaded`;
  throw failure('policy_refused', {
    uri: calledOf(held),
    problem,
    remedy: 'name a folder that holds it too',
  });
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
