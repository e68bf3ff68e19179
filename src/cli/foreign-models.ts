/** What a URI leads to for a server of others: which of it that server takes for models, and versions of them. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { failure } from '#base';
import { chooseVersions, servingList, tritonVersions } from '#server';
import {
  type Artifact,
  type AskedUri,
  type ForeignKind,
  type Found,
  isVersionNumber,
  SAVED_MODEL,
  type Versions,
} from '#spec';
import { type Held, type Known, resolveModel } from '#store';
import { calledOf, identityAt, isFetched, knownIn, spokenAt, wantedOf } from './locate.ts';
import type { ModelStore } from './model-store.ts';

/** Throws `uri_invalid`, `file_missing`, `file_unreadable`, `model_ambiguous` or `repository_invalid`. */
export async function locateForeign(
  kind: ForeignKind,
  { path, ...asked }: AskedUri,
  base: string,
  store: ModelStore,
): Promise<Found> {
  const held = await store.hold(wantedOf({ ...asked, base }));
  const { root } = held;
  const isRepository = path.endsWith('.repository');
  const artifacts = await finders[kind](root, { versions: asked.versions, isRepository, held });
  return { root, artifacts };
}

interface Sought {
  readonly versions?: Versions | undefined;
  readonly isRepository: boolean;
  readonly held: Held;
}

type Find = (root: string, sought: Sought) => Promise<Artifact[]>;

const CONFIG = 'config.pbtxt';
const LIST = 'models.config';

const finders: Readonly<Record<ForeignKind, Find>> = {
  triton: (root, { isRepository, held }) =>
    isRepository ? each(root, folder => ofTriton(folder, held)) : ofTriton(root, held),
  tensorflowServing: (root, sought) =>
    sought.isRepository ? ofServingRepository(root, sought) : ofServing(root, sought.versions, sought.held),
  custom: async (root, { held }) => [await whole(root, held)],
};

/** Whatever it is, all of it is the model; of numbered versions it is the latest. */
async function whole(root: string, held: Held): Promise<Artifact> {
  const { path, digest } = await resolveModel(root, '/', { isWhole: true, ...reading(held) });
  const { version } = identityAt(held, path);
  return { path, digest, ...(version !== undefined && { version }) };
}

/** What the store has read already is not read again. */
function reading(held: Held): { known?: Known } {
  const known = isFetched(held) ? knownIn(held) : undefined;
  return known === undefined ? {} : { known };
}

/** Every visible folder in a repository. */
async function each(root: string, find: (folder: string) => Promise<Artifact[]>): Promise<Artifact[]> {
  const found: Artifact[] = [];
  for (const name of (await foldersIn(root)).toSorted()) found.push(...(await find(join(root, name))));
  if (found.length > 0) return found;
  throw failure('model_ambiguous', { path: root, found: 'it holds no folder of a model' });
}

/** A model of Triton's, or one version of it. */
async function ofTriton(root: string, held: Held): Promise<Artifact[]> {
  const place = spokenAt(held, root);
  const one = basename(place);
  const called = isFetched(held) && root === held.root ? identityAt(held, root).name : undefined;
  const numbers = (await foldersIn(root)).filter(isVersionNumber);
  if (numbers.length > 0) {
    const versions = await chosenByConfig(root, numbers);
    const paths = versions.map(version => [version, join(root, version)] as const);
    return tritonModel({ name: called ?? basename(place), paths, beside: await filesBeside(root), held });
  }
  if (isVersionNumber(one)) {
    // Of a fetched version, what lies beside it was not asked for.
    const beside = called === undefined ? await filesBeside(dirname(root)) : [];
    return tritonModel({ name: called ?? basename(dirname(place)), paths: [[one, root]], beside, held });
  }
  throw failure('model_ambiguous', {
    path: root,
    found: `Triton's models are folders of numbered versions, most with a ${CONFIG}; a folder of them is named as repository`,
  });
}

async function chosenByConfig(folder: string, there: readonly string[]): Promise<readonly string[]> {
  const path = join(folder, CONFIG);
  const chosen = tritonVersions(await readFile(path, 'utf8').catch(() => undefined), there);
  if (!chosen.ok) throw failure('repository_invalid', { path, problem: chosen.error });
  return chosen.value;
}

/** What lies beside the versions of a model. */
async function filesBeside(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter(name => !name.startsWith('.') && !isVersionNumber(name));
  return names.toSorted().map(name => join(folder, name));
}

interface TritonModel {
  readonly name: string;
  readonly paths: readonly (readonly [version: string, path: string])[];
  readonly beside: readonly string[];
  readonly held: Held;
}

async function tritonModel({ name, paths, beside, held }: TritonModel): Promise<Artifact[]> {
  const about = await digestsOf(beside, held);
  return Promise.all(
    paths.map(async ([version, path]) => {
      const digest = digestOf([...(await digestsOf([path], held)), ...about]);
      return { path, digest, name, version, beside };
    }),
  );
}

/** A SavedModel, a folder of numbered ones, or one of those. */
async function ofServing(root: string, wanted: Versions | undefined, held: Held): Promise<Artifact[]> {
  if ((await stat(join(root, SAVED_MODEL)).catch(() => undefined))?.isFile())
    return [await savedModel(root, held)];
  const numbers = (await foldersIn(root)).filter(isVersionNumber);
  const { serve, missing } = chooseVersions(wanted ?? {}, numbers);
  if (missing.length > 0)
    throw failure('model_ambiguous', { path: root, found: `it has no version ${missing.join(', ')}` });
  if (serve.length === 0)
    throw failure('model_ambiguous', {
      path: root,
      found: `it holds neither a ${SAVED_MODEL} nor numbered folders of one; a folder of such models is named as repository`,
    });
  return Promise.all(serve.map(version => savedModel(join(root, version), held)));
}

/** Its versions are numbers; one that has none is the first. */
async function savedModel(path: string, held: Held): Promise<Artifact> {
  const [digest = ''] = await digestsOf([path], held);
  const { name, version = '1' } = identityAt(held, path);
  return { path, digest, name, version };
}

async function ofServingRepository(root: string, { versions, held }: Sought): Promise<Artifact[]> {
  const list = (await stat(root).catch(() => undefined))?.isDirectory() ? join(root, LIST) : root;
  const text = await readFile(list, 'utf8').catch(() => undefined);
  if (text === undefined) return each(root, folder => ofServing(folder, versions, held));
  const listed = servingList(list, text);
  if (!listed.ok) throw failure('repository_invalid', { path: list, problem: listed.error });
  const found: Artifact[] = [];
  for (const model of listed.value) {
    if ('problem' in model) throw failure('repository_invalid', { path: list, problem: model.problem });
    if (model.labels.length > 0)
      throw failure('repository_invalid', {
        path: list,
        problem: `'${model.name}' has labels, which are not handed on; name its models one by one, as models with labels`,
      });
    const base = resolve(dirname(list), model.basePath);
    checkWithin(base, root, held);
    const of = await ofServing(base, model.policy ?? versions, held);
    found.push(...of.map(artifact => ({ ...artifact, name: model.name })));
  }
  return found;
}

/** A list may name any folder of this machine; what was verified is only what lies with it. */
function checkWithin(path: string, root: string, held: Held): void {
  if (held.manifest === undefined || `${path}/`.startsWith(`${root}/`)) return;
  const problem = `${path} is no part of what was verified, and would be loaded`;
  throw failure('policy_refused', {
    uri: calledOf(held),
    problem,
    remedy: 'name a folder that holds it too',
  });
}

async function foldersIn(root: string): Promise<string[]> {
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return [];
    throw failure('file_missing', { path: root, purpose: 'the model' }, error);
  });
  const visible = names.filter(name => !name.startsWith('.'));
  const found = await Promise.all(visible.map(name => stat(join(root, name)).catch(() => undefined)));
  return visible.filter((_, at) => found[at]?.isDirectory());
}

/** Of files, and folders with all that lies in them. */
async function digestsOf(paths: readonly string[], held: Held): Promise<string[]> {
  const digests: string[] = [];
  for (const path of paths)
    digests.push((await resolveModel(path, '/', { isWhole: true, ...reading(held) })).digest);
  return digests;
}

function digestOf(parts: readonly string[]): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}
