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
import { identityFromPath, localPath, resolveModel } from '#store';

/** Throws `uri_invalid`, `file_missing`, `file_unreadable`, `model_ambiguous` or `repository_invalid`. */
export async function locateForeign(
  kind: ForeignKind,
  { uri, versions, path }: AskedUri,
  base: string,
): Promise<Found> {
  const root = resolve(base, localPath(uri));
  const isRepository = path.endsWith('.repository');
  const artifacts = await finders[kind](root, { versions, isRepository });
  return { root, artifacts };
}

interface Wanted {
  readonly versions?: Versions | undefined;
  readonly isRepository: boolean;
}

type Find = (root: string, wanted: Wanted) => Promise<Artifact[]>;

const CONFIG = 'config.pbtxt';
const LIST = 'models.config';

const finders: Readonly<Record<ForeignKind, Find>> = {
  triton: (root, { isRepository }) => (isRepository ? each(root, ofTriton) : ofTriton(root)),
  tensorflowServing: (root, { versions, isRepository }) =>
    isRepository ? ofServingRepository(root, versions) : ofServing(root, versions),
  custom: async root => [await whole(root)],
};

/** Whatever it is, all of it is the model; of numbered versions it is the latest. */
async function whole(root: string): Promise<Artifact> {
  const { name: _suggested, ...artifact } = await resolveModel(root, '/', { isWhole: true });
  return artifact;
}

/** Every visible folder in a repository. */
async function each(root: string, find: (folder: string) => Promise<Artifact[]>): Promise<Artifact[]> {
  const found: Artifact[] = [];
  for (const name of (await foldersIn(root)).toSorted()) found.push(...(await find(join(root, name))));
  if (found.length > 0) return found;
  throw failure('model_ambiguous', { path: root, found: 'it holds no folder of a model' });
}

/** A model of Triton's, or one version of it. */
async function ofTriton(root: string): Promise<Artifact[]> {
  const one = basename(root);
  const numbers = (await foldersIn(root)).filter(isVersionNumber);
  if (numbers.length > 0) return tritonModel(root, await chosenByConfig(root, numbers));
  if (isVersionNumber(one)) return tritonModel(dirname(root), [one]);
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

async function tritonModel(folder: string, versions: readonly string[]): Promise<Artifact[]> {
  const names = (await readdir(folder)).filter(name => !name.startsWith('.') && !isVersionNumber(name));
  const beside = names.toSorted().map(name => join(folder, name));
  const about = await digestsOf(beside);
  return Promise.all(
    versions.map(async version => {
      const path = join(folder, version);
      const digest = digestOf([...(await digestsOf([path])), ...about]);
      return { path, digest, name: basename(folder), version, beside };
    }),
  );
}

/** A SavedModel, a folder of numbered ones, or one of those. */
async function ofServing(root: string, wanted: Versions | undefined): Promise<Artifact[]> {
  if ((await stat(join(root, SAVED_MODEL)).catch(() => undefined))?.isFile()) return [await savedModel(root)];
  const numbers = (await foldersIn(root)).filter(isVersionNumber);
  const { serve, missing } = chooseVersions(wanted ?? {}, numbers);
  if (missing.length > 0)
    throw failure('model_ambiguous', { path: root, found: `it has no version ${missing.join(', ')}` });
  if (serve.length === 0)
    throw failure('model_ambiguous', {
      path: root,
      found: `it holds neither a ${SAVED_MODEL} nor numbered folders of one; a folder of such models is named as repository`,
    });
  return Promise.all(serve.map(version => savedModel(join(root, version))));
}

/** Its versions are numbers; one that has none is the first. */
async function savedModel(path: string): Promise<Artifact> {
  const [digest = ''] = await digestsOf([path]);
  const { name, version = '1' } = identityFromPath(path);
  return { path, digest, name, version };
}

async function ofServingRepository(root: string, versions: Versions | undefined): Promise<Artifact[]> {
  const list = (await stat(root).catch(() => undefined))?.isDirectory() ? join(root, LIST) : root;
  const text = await readFile(list, 'utf8').catch(() => undefined);
  if (text === undefined) return each(root, folder => ofServing(folder, versions));
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
    const of = await ofServing(resolve(dirname(list), model.basePath), model.policy ?? versions);
    found.push(...of.map(artifact => ({ ...artifact, name: model.name })));
  }
  return found;
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
async function digestsOf(paths: readonly string[]): Promise<string[]> {
  const digests: string[] = [];
  for (const path of paths) digests.push((await resolveModel(path, '/', { isWhole: true })).digest);
  return digests;
}

function digestOf(parts: readonly string[]): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}
