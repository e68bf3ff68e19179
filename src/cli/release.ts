/** From service files to what a cluster is to have: each revision, where its models lie, and what its pods run. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { failure, messageOf } from '#base';
import { basesOf, digestsOf, lyingOf } from '#image';
import type { PodArm, Release, Setting } from '#manifests';
import {
  type AskedUri,
  type Contained,
  contained,
  type Deployed,
  deployedRevision,
  type Found,
  foreignKind,
  type ModelService,
  pinned,
  podLaunch,
  type Role,
  SERVICE,
  urisOf,
} from '#spec';
import { checkNamed, redacted } from '#store';
import { interpreterIn } from './image-recipe.ts';
import { wantedOf } from './locate.ts';
import { isElsewhere, type ModelStore, type ModelStores } from './model-store.ts';
import { faulty, type ReadFile, readFileAt, resolveUri } from './service-file.ts';
import { version } from './version.ts';

/** As the command line gives them. */
export interface ReleaseFlags {
  /** Another service file, whose revision is the candidate. */
  readonly candidate?: string;
  /** Percent of requests for the candidate. */
  readonly weight?: number;
  readonly image?: string;
  readonly candidateImage?: string;
  readonly namespace?: string;
}

export interface ReleasePorts {
  readonly stores: ModelStores;
  readonly signal: AbortSignal;
}

export interface Released {
  readonly release: Release;
  /** What to know before it is applied, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads a service, and of its models those that lie here: what a pod pulls or mounts is not looked at. Throws what `readFileAt` and
 * `resolveUri` throw, and `spec_invalid`.
 */
export async function releaseFrom(path: string, flags: ReleaseFlags, ports: ReleasePorts): Promise<Released> {
  const own = await readFileAt(path);
  const other = flags.candidate === undefined ? undefined : await readFileAt(flags.candidate);
  const { written } = own;
  if (other !== undefined) checkPair(own, other);
  const stable = await armOf({ ...own, role: 'stable', image: flags.image }, ports);
  const trial = await candidateOf(own, other, flags, ports);
  if (trial?.arm.deployed.revision.name === stable.arm.deployed.revision.name)
    throw faulty(own.path, 'spec.candidate serves the same as spec: nothing to compare');
  const weight = trial?.arm.weight ?? 0;
  const arms: Release['arms'] = [
    { ...stable.arm, weight: 100 - weight },
    ...(trial === undefined ? [] : [trial.arm]),
  ];
  const { kubernetes } = written.spec;
  const release: Release = {
    name: written.metadata.name,
    namespace: flags.namespace ?? kubernetes.namespace,
    arms,
    fairlead: kubernetes.fairlead ?? ownImageOf(stable.arm),
  };
  return { release, notes: [...new Set([...stable.notes, ...(trial?.notes ?? [])])] };
}

/** A revision of a file, and what its pods run, if a flag says it. */
interface Wanted extends ReadFile {
  readonly role: Role;
  readonly image: string | undefined;
}

interface Made {
  readonly arm: PodArm;
  readonly notes: readonly string[];
}

async function candidateOf(
  own: ReadFile,
  other: ReadFile | undefined,
  { weight, candidateImage }: ReleaseFlags,
  ports: ReleasePorts,
): Promise<Made | undefined> {
  const { candidate } = own.written.spec;
  if (other !== undefined) {
    const made = await armOf({ ...other, role: 'stable', image: candidateImage }, ports);
    return { ...made, arm: { ...made.arm, role: 'candidate', weight: weight ?? 0 } };
  }
  if (candidate === undefined) {
    if (weight === undefined && candidateImage === undefined) return undefined;
    throw faulty(own.path, 'spec.candidate is missing: --weight and --candidate-image are of a candidate');
  }
  const made = await armOf({ ...own, role: 'candidate', image: candidateImage }, ports);
  return { ...made, arm: { ...made.arm, weight: weight ?? candidate.weight } };
}

/** Two files of one service: the second one's own candidate would be a third revision. */
function checkPair(own: ReadFile, other: ReadFile): void {
  const [first, second] = [own.written, other.written].map(({ metadata }) => metadata.name);
  if (first !== second)
    throw faulty(other.path, `metadata.name is ${second}, and the service is ${first}: name it the same`);
  for (const { path, written } of [own, other])
    if (written.spec.candidate !== undefined)
      throw faulty(path, 'spec.candidate cannot stand beside --candidate, which names another file');
}

async function armOf(wanted: Wanted, { stores, signal }: ReleasePorts): Promise<Made> {
  const { path, written, service, role } = wanted;
  const { spec } = service;
  const served = role === 'candidate' && spec.candidate ? spec.candidate : spec;
  const asked = urisOf(served, role === 'candidate' ? 'spec.candidate' : 'spec', spec.runtime);
  for (const one of asked) checkSecret(one, path);
  const found = await foundOf(asked, wanted, stores.under(spec.policy));
  const known = found.filter(one => one !== undefined);
  const inside = contained(written, {
    base: dirname(path),
    interpreter: await interpreterIn(known, spec.runtime, path),
    isAway: known.length < found.length,
  });
  const isForeign = foreignKind(spec.runtime) !== undefined;
  const said = wanted.image ?? served.image ?? spec.runtime.custom?.image;
  const lying = await lyingOf(known, isForeign);
  const unpinned = deployedRevision({ written, inside: inside.service, role, found, lying, image: said });
  const deployed = await withDigests(unpinned, signal);
  const image = said ?? usualImage(deployed, known.length > 0, service);
  const arm: PodArm = {
    role,
    service: inside.service,
    deployed,
    launch: podLaunch(deployed),
    image,
    replicas: spec.scaling?.min ?? spec.replicas,
    weight: 100,
    settings: await settingsIn(inside),
    mounted: inside.mounted,
    left: inside.left,
    ...(inside.door && { door: { ...inside.door, settings: await settingsIn(inside.door) } }),
    ...(role === 'candidate' && spec.candidate && { replicas: spec.candidate.replicas }),
  };
  return { arm, notes: notesOf(arm, said, known.length > 0) };
}

/** In the order of the file; undefined for what is not looked at. */
async function foundOf(
  asked: readonly AskedUri[],
  wanted: Wanted,
  store: ModelStore,
): Promise<(Found | undefined)[]> {
  const found: (Found | undefined)[] = [];
  for (const one of asked) {
    const isHere = isInImage(one, wanted.service);
    // Before there are pods: a server of others would not ask, and an image volume's path says nothing.
    if (!isHere) checkAway(one, wanted);
    found.push(isHere ? await resolveUri(one, { ...wanted, store }) : undefined);
  }
  return found;
}

/** A file has no scheme; everything else is somewhere else, unless the image has it all. */
function isInImage({ uri }: AskedUri, { spec }: ModelService): boolean {
  return spec.kubernetes.models === 'image' || !isElsewhere(uri);
}

/** Objects are for whoever may read them. */
function checkSecret({ uri, path }: AskedUri, file: string): void {
  if (redacted(uri) === uri) return;
  throw faulty(
    file,
    `${path}.uri: ${redacted(uri)} holds a secret, which the objects would show; name a Secret with it as spec.kubernetes.credentials`,
  );
}

/** Throws `spec_invalid` for what the policy does not let in, as far as its URI tells. */
function checkAway(one: AskedUri, { path, service: { spec } }: Wanted): void {
  if (spec.policy === undefined) return;
  try {
    checkNamed(spec.policy, wantedOf({ ...one, base: dirname(path) }));
  } catch (error: unknown) {
    throw faulty(path, `${one.path}.uri: ${messageOf(error)}`, error);
  }
}

async function withDigests(deployed: Deployed, signal: AbortSignal): Promise<Deployed> {
  const { byUri } = await digestsOf(deployed.pins, signal);
  return { ...deployed, revision: pinned(deployed.revision, byUri) };
}

/** A server of others has an image of its own, unless models are to be in it. */
function usualImage({ revision }: Deployed, hasModels: boolean, { metadata }: ModelService): string {
  const kind = foreignKind(revision.runtime);
  if (hasModels) return `${metadata.name}:${revision.name.slice(metadata.name.length + 1)}`;
  return kind === undefined || kind === 'custom' ? `fairlead:${version}` : basesOf(kind);
}

function ownImageOf({ deployed, image }: PodArm): string {
  return foreignKind(deployed.revision.runtime) === undefined ? image : `fairlead:${version}`;
}

/** Small files; a folder of the user's own is only ever in an image. */
async function settingsIn({ packed }: Pick<Contained, 'packed'>): Promise<Setting[]> {
  const files = packed.filter(({ to }) => to !== SERVICE);
  return Promise.all(files.map(async ({ from, to }) => ({ path: to, text: await textOf(from) })));
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error: unknown) {
    throw failure('file_unreadable', { path, problem: messageOf(error) }, error);
  }
}

function notesOf({ image, role }: PodArm, said: string | undefined, hasModels: boolean): string[] {
  if (said !== undefined)
    return said.includes('@sha256:')
      ? []
      : [`${said} is no image by its digest: what its tag names may change under pods that start later`];
  const flag = role === 'candidate' ? '--candidate-image' : '--image';
  const make = hasModels
    ? `\`fairlead image build${role === 'candidate' ? ' --candidate' : ''} -t … --push\` makes it`
    : '`fairlead image build --self --onnx -t … --push` makes one';
  return [`nothing says which image pods run, so they ask for ${image}: ${make}, and ${flag} names it`];
}
