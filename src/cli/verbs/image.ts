import { systemRandom } from '#base';
import {
  buildImage,
  type Content,
  contextOf,
  type ImageName,
  imageText,
  type Platform,
  type Pushed,
  type PushOptions,
  platforms,
  pushImage,
  type Recipe,
  readLayout,
  reportOf,
  reportText,
  writeArchive,
  writeContext,
  writeLayout,
} from '#image';
import { wrong } from '../flags.ts';
import { type Step, tellSteps } from '../image-line.ts';
import { layersText, type Made, madeJson, pinnedText, pushedText } from '../image-lines.ts';
import { epochOf, imageCache, nameOf, type RegistryFlags, registries } from '../image-places.ts';
import { builtProgram } from '../image-program.ts';
import { type Prepared, type RecipeFlags, recipeFor, recipeOfSelf } from '../image-recipe.ts';
import { tellTerminal } from '../pulls.ts';
import { stoppable } from '../stoppable.ts';
import { json } from '../store-lines.ts';
import { modelStores, type StoreFlags } from '../stores.ts';
import type { Terminal } from '../terminal.ts';
import { variableSize } from '../variables.ts';
import { version } from '../version.ts';

/** What an image is made of, and for which platforms. */
interface MakingFlags extends RecipeFlags, RegistryFlags, StoreFlags {
  readonly platform?: readonly string[];
}

export interface BuildFlags extends MakingFlags {
  readonly tag?: string;
  readonly push?: true;
  readonly ociLayout?: string;
  readonly tar?: string;
  readonly explain?: true;
  readonly output: 'text' | 'json';
}

export interface DockerfileFlags extends MakingFlags {
  readonly tag?: string;
  /** A folder for it and all that it copies. */
  readonly to?: string;
}

export interface PushFlags extends RegistryFlags {
  readonly output: 'text' | 'json';
}

interface Working {
  readonly signal: AbortSignal;
  readonly tell: (step: Step) => void;
  readonly terminal: Terminal;
}

/** Builds an image, and puts it where the flags say. */
export async function build(path: string | undefined, flags: BuildFlags): Promise<void> {
  checkTarget(flags);
  const name = flags.tag === undefined ? undefined : nameOf(flags.tag);
  const wanted = platformsOf(flags.platform);
  await withRecipe(path, flags, async (recipe, making) => {
    const built = await buildImage(recipe, { ...making, platforms: wanted });
    const pushed = await put(built.content, flags, { name, ...making });
    return () => print({ built, name, pushed }, flags, making.terminal);
  });
}

/** Pushes a layout that was built before: a folder, or a tar file of one. */
export async function push(path: string, target: string, flags: PushFlags): Promise<void> {
  const name = nameOf(target);
  await working(async at => {
    const layout = await readLayout(path, at.signal);
    try {
      const open = await registries(flags);
      const pushed = await pushImage(layout.content, name, { open, random: systemRandom, ...at });
      at.terminal.end();
      const image = imageText({ ...name, digest: pushed.digest });
      process.stdout.write(flags.output === 'json' ? json({ image, pushed }) : `${image}\n`);
      at.terminal.line(pushedText(pushed));
    } finally {
      await layout.close();
    }
  });
}

/** Writes the Dockerfile of what `build` builds, to stdout or with all that it copies to a folder. */
export async function dockerfile(path: string | undefined, flags: DockerfileFlags): Promise<void> {
  const wanted = platformsOf(flags.platform);
  const image = flags.tag === undefined ? undefined : nameOf(flags.tag);
  await withRecipe(path, flags, async (recipe, making) => {
    const context = await contextOf(recipe, { ...making, platforms: wanted, image });
    if (flags.to !== undefined) await writeContext(context, flags.to, making);
    return () => {
      if (flags.to === undefined) process.stdout.write(context.dockerfile);
      else making.terminal.line(`${flags.to} holds the Dockerfile and all that it copies`);
    };
  });
}

type Making = Working & Awaited<ReturnType<typeof makingOf>>;

/** Makes something of a recipe. What it gives prints that, once the notes are told. */
async function withRecipe(
  path: string | undefined,
  flags: MakingFlags,
  make: (recipe: Recipe, making: Making) => Promise<() => void>,
): Promise<void> {
  await working(async at => {
    const { recipe, notes, release } = await prepared(path, flags, at);
    try {
      const tell = await make(recipe, { ...(await makingOf(flags)), ...at });
      at.terminal.end();
      for (const note of notes) at.terminal.line(`note: ${note}`);
      tell();
    } finally {
      await release();
    }
  });
}

/** What an image of these flags is made of. Throws `usage_invalid`, and what is wrong with a service. */
async function prepared(
  path: string | undefined,
  flags: MakingFlags,
  { signal, terminal, tell }: Working,
): Promise<Prepared> {
  const programOf = (stopped: AbortSignal) => {
    tell({ phase: 'gather the program', done: 0, total: undefined });
    return builtProgram(stopped);
  };
  if (flags.self) {
    const [stray] = [path, flags.candidate && '--candidate', flags.requirements && '--requirements'].filter(
      Boolean,
    );
    if (stray !== undefined) throw wrong(`--self is of fairlead alone: leave out ${stray}`);
    return recipeOfSelf(flags, { signal, programOf });
  }
  if (flags.onnx) throw wrong('--onnx is for --self: an image of a service has what its models need');
  const logger = { enabled: () => false, log: () => undefined };
  const stores = await modelStores(flags, { logger, tell: tellTerminal(terminal), signal });
  return recipeFor(path ?? '.', flags, { stores, signal, programOf });
}

/** What every image is made with. */
async function makingOf(flags: RegistryFlags) {
  const quotaBytes = variableSize('FAIRLEAD_IMAGE_CACHE_QUOTA', process.env);
  return {
    cache: imageCache(process.env),
    ...(quotaBytes !== undefined && { quotaBytes }),
    open: await registries(flags),
    environment: process.env,
    epoch: epochOf(process.env),
    tool: { name: 'fairlead', version },
    random: systemRandom,
  };
}

/** Does what can be stopped, and is told of. */
async function working(doing: (at: Working) => Promise<void>): Promise<void> {
  await stoppable(
    'nothing half-written is left, and the same command goes on from what is there.',
    ({ signal, terminal }) => doing({ signal, terminal, tell: tellSteps(terminal) }),
  );
}

/** Throws `usage_invalid`. */
function checkTarget({ push: isPushed, ociLayout, tar, tag, explain }: BuildFlags): void {
  const said = [isPushed, ociLayout, tar].filter(one => one !== undefined).length;
  if (said > 1) throw wrong('--push, --oci-layout and --tar each say where the image goes: give one of them');
  if (said === 0 && !explain)
    throw wrong(
      'where the image goes is not said: give --push, --oci-layout FOLDER or --tar FILE, or --explain alone',
    );
  if (isPushed && tag === undefined) throw wrong('--push needs a name to push to: give --tag');
}

/** Throws `usage_invalid`. */
function platformsOf(given: readonly string[] | undefined): readonly Platform[] {
  const own = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';
  const texts = given?.flatMap(one => one.split(',')) ?? [own];
  const known = texts.map(text => {
    const found = platforms.find(platform => platform === text);
    if (found !== undefined) return found;
    throw wrong(`--platform must be ${platforms.join(' or ')}, or both with a comma, not '${text}'`);
  });
  return [...new Set(known)];
}

async function put(
  content: Content,
  { push: isPushed, ociLayout, tar }: BuildFlags,
  { name, open, signal, tell }: Pick<PushOptions, 'open'> & Working & { name: ImageName | undefined },
): Promise<Pushed | undefined> {
  const writing = { signal, tell, ...(name !== undefined && { name }) };
  if (ociLayout !== undefined) await writeLayout(content, ociLayout, writing);
  else if (tar !== undefined) await writeArchive(content, tar, writing);
  else if (isPushed && name !== undefined)
    return pushImage(content, name, { open, random: systemRandom, signal, tell });
  return undefined;
}

/** The name is data; what else there is to say is talk. */
function print(made: Made, { explain, output }: BuildFlags, terminal: Terminal): void {
  const { built, pushed } = made;
  if (output === 'json') {
    const report = explain ? { report: reportOf(built) } : {};
    process.stdout.write(json({ ...madeJson(made), ...report }));
    return;
  }
  process.stdout.write(
    explain ? reportText(reportOf(built), process.stdout.columns) : `${pinnedText(made)}\n`,
  );
  if (!explain) terminal.line(layersText(built).trimEnd());
  if (pushed !== undefined) terminal.line(pushedText(pushed));
}
