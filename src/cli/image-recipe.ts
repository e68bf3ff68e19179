/** From a service file, or a bare model, to what its image is made of. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failure } from '#base';
import {
  digestsOf,
  type ImageName,
  interpreters,
  lyingOf,
  type Materials,
  modelLayers,
  packedFiles,
  type Recipe,
  recipeOf,
  selfRecipe,
} from '#image';
import {
  bakedRevision,
  type Contained,
  contained,
  type Found,
  foreignKind,
  pinned,
  type Revision,
  type RuntimeOptions,
} from '#spec';
import { wrong } from './flags.ts';
import { imageNotes } from './image-notes.ts';
import { nameOf } from './image-places.ts';
import { builtProgram, nativeOf } from './image-program.ts';
import type { ModelStores } from './model-store.ts';
import { readText } from './read-text.ts';
import { type Loaded, loadService } from './service-file.ts';
import { version } from './version.ts';

/** As the command line gives them. */
export interface RecipeFlags {
  readonly base?: string;
  readonly node?: string;
  /** A file of requirements with hashes. */
  readonly requirements?: string;
  /** The candidate's image, and not that of the stable revision. */
  readonly candidate?: true;
  /** Fairlead alone, without a service; with `onnx`, what runs models of ONNX beside it. */
  readonly self?: true;
  readonly onnx?: true;
}

export interface Prepared {
  readonly recipe: Recipe;
  /** What to know of the image before it runs, a sentence each. */
  readonly notes: readonly string[];
  /** Removes what was made for it. */
  readonly release: () => Promise<void>;
}

export interface RecipePorts {
  readonly stores: ModelStores;
  readonly signal: AbortSignal;
  /** Where fairlead itself comes from, if not from here. */
  readonly programOf?: typeof builtProgram;
}

/**
 * Throws what `loadService` throws, `image_invalid`, `image_name_invalid`, `usage_invalid` for flags that have no effect,
 * `file_unreadable`, and the signal's reason.
 */
export async function recipeFor(
  path: string,
  flags: RecipeFlags,
  { stores, signal, programOf = builtProgram }: RecipePorts,
): Promise<Prepared> {
  const named = { base: imageName(flags.base), node: imageName(flags.node) };
  const loaded = await loadService(path, stores);
  const chosen = await chosenIn(loaded, flags);
  const { inside, revision, ...layers } = await bakedLayers(loaded, chosen, signal);
  const isForeign = foreignKind(inside.service.spec.runtime) !== undefined;
  const built = isForeign ? undefined : await programOf(signal);
  const release = async (): Promise<void> => built?.release();
  try {
    const materials: Materials = { ...layers, program: built?.program, native: await nativeOf() };
    const { requirements } = chosen;
    const service = loaded.written.metadata.name;
    const { mounted } = inside;
    const recipe = recipeOf(revision, materials, { service, ...named, requirements, mounted });
    if (!recipe.ok) throw failure('image_invalid', recipe.error);
    const noted = { written: loaded.written, role: chosen.role, isLocked: requirements !== undefined };
    return { recipe: recipe.value, notes: imageNotes(revision, inside, noted), release };
  } catch (error: unknown) {
    await release();
    throw error;
  }
}

/** Fairlead's own, without a service. Throws as `recipeFor` does. */
export async function recipeOfSelf(
  flags: Pick<RecipeFlags, 'base' | 'node' | 'onnx'>,
  { signal, programOf = builtProgram }: Omit<RecipePorts, 'stores'>,
): Promise<Prepared> {
  const [base, node] = [imageName(flags.base), imageName(flags.node)];
  const { program, release } = await programOf(signal);
  const native = flags.onnx ? await nativeOf() : undefined;
  return { recipe: selfRecipe({ program, native }, { base, node, version }), notes: [], release };
}

function imageName(text: string | undefined): ImageName | undefined {
  return text === undefined ? undefined : nameOf(text);
}

/** Which of a service's revisions, and what of Python is installed for it. */
interface Chosen {
  readonly role: 'stable' | 'candidate';
  readonly found: readonly Found[];
  /** Of the revision that has an image of its own. */
  readonly other: readonly Found[];
  readonly requirements: Recipe['requirements'];
  readonly interpreter: string | undefined;
}

async function chosenIn({ found, file }: Loaded, flags: RecipeFlags): Promise<Chosen> {
  const role = flags.candidate ? 'candidate' : 'stable';
  const own = found[role];
  if (own === undefined) throw wrong('--candidate: the service has none');
  const isPython = own.some(({ artifacts }) => artifacts.some(({ loader }) => loader !== undefined));
  const requirements = await requirementsFor(flags, isPython ? file?.path : undefined);
  const interpreter = requirements === undefined ? interpreters.ofBase : interpreters.locked;
  const other = found[role === 'stable' ? 'candidate' : 'stable'] ?? [];
  return { role, found: own, other, requirements, interpreter: isPython ? interpreter : undefined };
}

/**
 * The Python of a container for models that were found, or that are said to need one; undefined where none does. Throws
 * `requirements_invalid`.
 */
export async function interpreterIn(
  found: readonly Found[],
  { python }: RuntimeOptions,
  file: string,
): Promise<string | undefined> {
  const isPython = found.some(({ artifacts }) => artifacts.some(({ loader }) => loader !== undefined));
  if (!isPython) return python?.interpreter === undefined ? undefined : interpreters.ofBase;
  const there = await Promise.all(LOCKS.map(name => besideFile(file, name)));
  const isLocked = there.some(one => one !== undefined && isLock(one));
  return isLocked ? interpreters.locked : interpreters.ofBase;
}

function isLock({ text }: NonNullable<Recipe['requirements']>): boolean {
  return /--hash[= ]/.test(text);
}

/** Beside a service's file, what pip and uv lock packages in; one without hashes says only what was wished for. */
const LOCKS = ['requirements.lock', 'requirements.txt'] as const;

async function requirementsFor(
  { requirements: named, base }: RecipeFlags,
  file: string | undefined,
): Promise<Recipe['requirements']> {
  if (named !== undefined) return { file: basename(named), text: await readText(named) };
  if (file === undefined) return undefined;
  const beside = await Promise.all(LOCKS.map(name => besideFile(file, name)));
  const there = beside.filter(one => one !== undefined);
  const locked = there.find(isLock);
  if (locked !== undefined || base !== undefined) return locked;
  if (there[0] !== undefined) throw unlocked(join(dirname(file), there[0].file));
  return undefined;
}

async function besideFile(file: string, name: string): Promise<Recipe['requirements']> {
  const text = await readFile(join(dirname(file), name), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : { file: name, text };
}

function unlocked(file: string): Error {
  const remedy = `lock them, with \`uv pip compile --generate-hashes\` or \`pip-compile --generate-hashes\`, as ${LOCKS[0]} beside it, or name by --base an image that has them`;
  return failure('requirements_invalid', { file, problem: 'it says no hashes of its packages', remedy });
}

interface BakedLayers extends Pick<Materials, 'models' | 'settings'> {
  readonly inside: Contained;
  readonly revision: Revision;
}

async function bakedLayers(
  { written, file }: Loaded,
  { role, found, other, interpreter }: Chosen,
  signal: AbortSignal,
): Promise<BakedLayers> {
  const base = file === undefined ? process.cwd() : dirname(file.path);
  const inside = contained(written, { base, interpreter });
  const isForeign = foreignKind(written.spec.runtime) !== undefined;
  const lying = await lyingOf(found, isForeign);
  const baked = bakedRevision({ written, inside: inside.service, role, found, lying });
  const digests = await digestsOf(baked.pins, signal);
  const models = await modelLayers(baked, digests.byPath, signal);
  const folders = inside.packed.map(({ from }) => from);
  const never = [...inside.secret, ...modelsWithin(folders, other)];
  const settings = await packedFiles([...inside.packed, ...baked.beside], models, never);
  return { inside, models, settings, revision: pinned(baked.revision, digests.byUri) };
}

/** Models that lie below folders; one that holds such a folder is none of them. */
function modelsWithin(folders: readonly string[], found: readonly Found[]): string[] {
  const paths = found.flatMap(({ artifacts }) => artifacts.map(({ path, named = path }) => named));
  return paths.filter(path => folders.some(folder => path.startsWith(`${folder}/`)));
}
