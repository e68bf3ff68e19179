/** A revision as pods have it: where its models lie, how its server starts, and which image runs. */
import { dirname } from 'node:path';
import { messageOf } from '#base';
import { basesOf, digestsOf, lyingOf, readImageName } from '#image';
import type { PodArm, Setting } from '#manifests';
import {
  type AskedUri,
  type Contained,
  contained,
  type Deployed,
  deployedRevision,
  type Found,
  foreignKind,
  type ModelService,
  pathOf,
  pinned,
  podLaunch,
  type Role,
  SERVICE,
  servedBy,
  urisOf,
} from '#spec';
import { checkNamed, redacted } from '#store';
import { interpreterIn } from './image-recipe.ts';
import { wantedOf } from './locate.ts';
import { isElsewhere, type ModelStore, type ModelStores } from './model-store.ts';
import { readText } from './read-text.ts';
import { checkArm, faulty, type ReadFile, resolveUri } from './service-file.ts';
import { version } from './version.ts';

export interface ReleasePorts {
  readonly stores: ModelStores;
  readonly signal: AbortSignal;
}

/** A revision of a file, and what its pods run, if a flag says it. */
export interface Wanted extends ReadFile {
  readonly role: Role;
  readonly image: string | undefined;
}

export interface Made {
  readonly arm: PodArm;
  readonly notes: readonly string[];
}

/** Throws what `resolveUri` throws, and `spec_invalid` and `file_unreadable`. */
export async function armOf(wanted: Wanted, { stores, signal }: ReleasePorts): Promise<Made> {
  const { path, written, service, role } = wanted;
  const { spec } = service;
  const served = servedBy(service, role);
  const asked = urisOf(served, pathOf(service, role), spec.runtime);
  for (const one of asked) checkSecret(one, path);
  checkImages(wanted);
  const found = await foundOf(asked, wanted, stores.under(spec.policy));
  const known = found.filter(one => one !== undefined);
  const isAway = known.length < found.length;
  const interpreter = await interpreterIn(known, spec.runtime, path);
  const inside = contained(written, { base: dirname(path), interpreter, isAway });
  const said = wanted.image ?? served.image ?? spec.runtime.custom?.image;
  const lying = await lyingOf(known, inside.door !== undefined);
  const unpinned = deployedRevision({ written, inside: inside.service, role, found, lying, image: said });
  const deployed = await withDigests(unpinned, signal);
  // What fairlead's own server has pulled tells its version only then.
  checkArm({ role, revision: deployed.revision }, path, !isAway || inside.door !== undefined);
  const image = said ?? usualImage(deployed, known.length > 0, service);
  const arm = { role, deployed, launch: podLaunch(deployed), image, weight: 100, ...(await partsOf(inside)) };
  const replicas = replicasOf(service, role);
  return { arm: { ...arm, replicas }, notes: notesOf(arm, said, known.length > 0) };
}

function replicasOf({ spec }: ModelService, role: Role): number {
  if (role === 'candidate' && spec.candidate !== undefined) return spec.candidate.replicas;
  return spec.scaling?.min ?? spec.replicas;
}

/** With the texts of what is packed. */
async function partsOf(
  inside: Contained,
): Promise<Pick<PodArm, 'service' | 'settings' | 'mounted' | 'left' | 'door'>> {
  const { service, mounted, left, door } = inside;
  return {
    service,
    settings: await settingsIn(inside),
    mounted,
    left,
    ...(door && { door: { ...door, settings: await settingsIn(door) } }),
  };
}

/** In the order of the file; undefined for what is not looked at. */
async function foundOf(
  asked: readonly AskedUri[],
  wanted: Wanted,
  store: ModelStore,
): Promise<(Found | undefined)[]> {
  const found: (Found | undefined)[] = [];
  for (const one of asked) {
    const isHere = isInImage(one, wanted);
    // Before there are pods: a server of others would not ask, and an image volume's path says nothing.
    if (!isHere) await checkAway(one, wanted);
    found.push(isHere ? await resolveUri(one, { ...wanted, store }) : undefined);
  }
  return found;
}

/** A file has no scheme; everything else is somewhere else, unless the image has it all. */
function isInImage({ uri, path }: AskedUri, { service: { spec }, path: file }: Wanted): boolean {
  if (spec.kubernetes.models === 'image') return true;
  try {
    return !isElsewhere(uri);
  } catch (error: unknown) {
    throw faulty(file, `${path}.uri: ${messageOf(error)}`, error);
  }
}

/** A node would say of a pod, after all is applied, that it is none. */
function checkImages({ path: file, written, role, image }: Wanted): void {
  const { spec } = written;
  const named: readonly (readonly [string, string | undefined])[] = [
    [role === 'candidate' ? '--candidate-image' : '--image', image],
    [`${pathOf(written, role)}.image`, servedBy(written, role).image],
    ['spec.runtime.custom.image', spec.runtime.custom?.image],
    ['spec.kubernetes.fairlead', spec.kubernetes.fairlead],
  ];
  for (const [where, text] of named) {
    const read = text === undefined ? undefined : readImageName(text);
    if (read?.ok === false) throw faulty(file, `${where} is no name of an image, '${text}': ${read.error}`);
  }
}

/** Objects are for whoever may read them. */
function checkSecret({ uri, path }: AskedUri, file: string): void {
  if (redacted(uri) === uri) return;
  throw faulty(
    file,
    `${path}.uri: ${redacted(uri)} holds a secret, which the objects would show; name a Secret with it as spec.kubernetes.credentials`,
  );
}

/** Throws `spec_invalid` for what the policy does not let in, as far as its URI tells, and for keys that are none. */
async function checkAway(one: AskedUri, { path, service: { spec } }: Wanted): Promise<void> {
  if (spec.policy === undefined) return;
  const base = dirname(path);
  try {
    await checkNamed({ policy: spec.policy, name: 'spec.policy', base }, wantedOf({ ...one, base }));
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

/** Small files; a folder of the user's own is only ever in an image. */
async function settingsIn({ packed }: Pick<Contained, 'packed'>): Promise<Setting[]> {
  const files = packed.filter(({ to }) => to !== SERVICE);
  return Promise.all(files.map(async ({ from, to }) => ({ path: to, text: await readText(from) })));
}

function notesOf(
  { image, role }: Pick<PodArm, 'image' | 'role'>,
  said: string | undefined,
  hasModels: boolean,
): string[] {
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
