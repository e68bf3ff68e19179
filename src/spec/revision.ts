import { createHash } from 'node:crypto';
import { stableJson } from '#base';
import { isFetched, type ModelEntry, type ModelSource, type RepositorySource } from './model-schema.ts';
import { type Placed, placedOf } from './placed.ts';
import type { Policy } from './policy-schema.ts';
import type { PythonLoader } from './python-fields.ts';
import type { PythonOptions } from './python-schema.ts';
import type { ModelService, RuntimeOptions, Served, ServerOptions, SpotNotice } from './schema.ts';
import type { Versions } from './versions.ts';

/** What a model URI resolved to. */
export interface Artifact {
  /** Where the model lies on this machine: the file to load. */
  readonly path: string;
  /** `sha256:` and 64 hex digits over the model's bytes, its weights in other files among them. */
  readonly digest: string;
  /** The version that the artifact's place tells (a numbered folder), if any. */
  readonly version?: string;
  /** The name that its place in a repository tells. */
  readonly name?: string;
  /**
   * What is named for its server to load it, where that is not `path`: the folder with all that the digest covers, so that what a
   * server tells is what was pinned.
   */
  readonly named?: string;
  /** What belongs to the model beside this version of it: absolute paths, where its server is told them. */
  readonly beside?: readonly string[];
  /** What a list of its repository calls this version, for TensorFlow Serving's clients. */
  readonly labels?: readonly string[];
  /**
   * The digest of just what is named, as a server that is told of it finds it; said where the model was pinned or fetched,
   * or where a policy looked at its bytes: what the server loads is then what was let in.
   */
  readonly pin?: string;
  /** How Python loads it; undefined for a model of ONNX. */
  readonly loader?: PythonLoader;
}

/** What one URI of a file resolved to. */
export interface Found {
  /** The file or folder that it names, as an absolute path. */
  readonly root: string;
  /** One for each version that is to be served, of each model in a repository. */
  readonly artifacts: readonly Artifact[];
  /** Of what was fetched, or is pinned: the digest of all that the URI led to. */
  readonly digest?: string;
  /** Its versions were chosen from numbered folders: which, has to be said where it is looked for once more. */
  readonly isVersioned?: boolean;
  /** Whether a file beside the model says how it runs, so that a server must read its folder and not the model alone. */
  readonly isConfigured?: boolean;
}

/** The model as a server knows it. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
}

/** One version that a server loads when it starts. */
export interface PlacedModel extends ModelIdentity {
  readonly artifact: Artifact;
}

/** `stable` serves by default, `candidate` is the one on trial. */
export type Role = 'stable' | 'candidate';

/** An immutable version of everything that decides what a server runs. */
export interface Revision {
  /** `<service>-<8 hex digits of the hash>`. */
  readonly name: string;
  /** What its servers have when they start. */
  readonly models: readonly PlacedModel[];
  /** What its servers are told to serve. */
  readonly told: Told;
  /** The same for servers on a machine where the models are not: by their URIs, pinned to what was found here. */
  readonly away: Told;
  readonly runtime: RuntimeOptions;
  readonly server: ServerOptions;
  /** Which models its servers let in. */
  readonly policy?: Policy | undefined;
  /** How it learns that its machine is taken away. */
  readonly notice?: SpotNotice | undefined;
}

/** Models one by one, each at an absolute path, or a folder of them. */
export type Told =
  | {
      readonly kind: 'entries';
      readonly entries: readonly ModelEntry[];
      /** For those of them that turn out to be models of Python. */
      readonly python?: PythonOptions;
    }
  | { readonly kind: 'repository'; readonly repository: RepositorySource; readonly digest?: string };

/** A revision's part in a service: how many servers, and which share of the traffic. */
export interface Arm {
  readonly role: Role;
  readonly revision: Revision;
  readonly replicas: number;
  /** Percent of requests, 0 to 100; the arms of a service add up to 100. */
  readonly weight: number;
}

/** What the URIs of a service resolved to, of each arm in the order of `urisOf`. */
export interface Resolution {
  readonly stable: readonly Found[];
  readonly candidate?: readonly Found[];
}

/** A URI of a file, which of its versions are wanted, and its path there. */
export interface AskedUri {
  readonly uri: string;
  /** What the artifact must be. */
  readonly digest?: string | undefined;
  /** Of a fetched one, which files: patterns over their paths. */
  readonly include?: ModelSource['include'];
  readonly exclude?: ModelSource['exclude'];
  readonly versions?: Versions | undefined;
  /** How the model there runs, as far as it says so itself. */
  readonly runtime?: ModelSource['runtime'];
  /** What its service says of Python, for those of its models that need that. */
  readonly usualPython?: PythonOptions | undefined;
  /** It is the only one of its service: what that says of Python is meant for it. */
  readonly isAlone?: boolean;
  readonly path: string;
}

/** The URIs of what one arm serves; `path` is its own, such as `spec` or `spec.candidate`. */
export function urisOf(served: Served, path: string, { python }: RuntimeOptions): AskedUri[] {
  const { model, models, repository } = served;
  const asked = (one: Omit<AskedUri, 'path' | 'usualPython' | 'isAlone'>, at: string): AskedUri => ({
    uri: one.uri,
    digest: one.digest,
    include: one.include,
    exclude: one.exclude,
    versions: one.versions,
    runtime: one.runtime,
    usualPython: python,
    isAlone: model !== undefined,
    path: `${path}.${at}`,
  });
  if (repository !== undefined) return [asked(repository, 'repository')];
  if (model !== undefined) return [asked(model, 'model')];
  return (models ?? []).map((one, at) => asked(one, `models[${at}]`));
}

/** The arms of a service, stable first, once its models are resolved. */
export function armsOf(service: ModelService, found: Resolution): Arm[] {
  const { candidate } = service.spec;
  const replicas = serversHere(service.spec);
  const stable = revisionOf(service, service.spec, found.stable);
  if (candidate === undefined || found.candidate === undefined) {
    return [{ role: 'stable', revision: stable, replicas, weight: 100 }];
  }
  const trial = revisionOf(service, candidate, found.candidate);
  return [
    { role: 'stable', revision: stable, replicas, weight: 100 - candidate.weight },
    { role: 'candidate', revision: trial, replicas: candidate.replicas, weight: candidate.weight },
  ];
}

/** Servers of the stable revision. Nothing scales them here, and what is asked for has to find one. */
export function serversHere({
  replicas,
  scaling,
}: Pick<ModelService['spec'], 'replicas' | 'scaling'>): number {
  return scaling === undefined ? replicas : Math.max(1, scaling.min);
}

/** One revision of a service; `revisionName` says what makes another of it. */
export function revisionOf(service: ModelService, served: Served, found: readonly Found[]): Revision {
  const { runtime, server, capacity, policy } = service.spec;
  const notice = capacity?.spot?.notice;
  const isMoving = server.control !== undefined;
  const placed = placedOf(service, served, found);
  const models = placed.flatMap(one => one.models);
  const told = toldOf(served, placed, { found, isMoving });
  return {
    name: revisionName(service, { told, models, isMoving }),
    models,
    told,
    away: awayOf(served, placed, { found, isMoving }),
    runtime,
    server,
    notice,
    policy,
  };
}

interface Deciding extends Pick<Revision, 'told' | 'models'> {
  readonly isMoving: boolean;
  /** Of its pods. */
  readonly image?: string | undefined;
  /** What its servers are told of models that were not looked at. */
  readonly away?: readonly unknown[] | undefined;
}

/**
 * The hash covers the digests and identities of its models, how each runs, the runtime and the server's options; replicas,
 * scaling, traffic, and where the bytes came from are left out: they change no server. So are pins and the policy, which say what
 * may be loaded and not what is. Where models change while a server runs (`server.control`), it is their place that decides, and
 * not the bytes it has today; and the policy, which decides what it may load later.
 */
export function revisionName(
  service: ModelService,
  { told, models, isMoving, image, away }: Deciding,
): string {
  const { runtime, server, capacity, policy } = service.spec;
  const notice = capacity?.spot?.notice;
  const identities = models.map(({ name, version, artifact }) => ({
    name,
    version,
    digest: artifact.digest,
  }));
  const decides = isMoving ? { told, policy } : { told: withoutPlaces(told), models: identities };
  const hash = createHash('sha256').update(stableJson({ ...decides, runtime, server, notice, image, away }));
  return `${service.metadata.name}-${hash.digest('hex').slice(0, 8)}`;
}

interface Telling {
  readonly found: readonly Found[];
  readonly isMoving: boolean;
}

function toldOf({ repository }: Served, placed: readonly Placed[], { found, isMoving }: Telling): Told {
  if (repository !== undefined) {
    const [only] = found;
    const uri = isMoving && isFetched(repository.uri) ? repository.uri : (only?.root ?? repository.uri);
    return { kind: 'repository', repository: { ...repository, uri } };
  }
  return {
    kind: 'entries',
    entries: placed.flatMap(one => (isMoving || one.isConfigured ? moving(one, isMoving) : pinned(one))),
  };
}

function awayOf(served: Served, placed: readonly Placed[], telling: Telling): Told {
  const { found, isMoving } = telling;
  const { repository } = served;
  if (repository === undefined) {
    const entriesOf = (one: Placed, at: number): ModelEntry[] => {
      if (!isFetched(one.source.uri))
        return one.isConfigured || isMoving ? moving(one, isMoving) : pinned(one);
      return isMoving ? moving(one, isMoving) : fetched(one, found[at]);
    };
    return { kind: 'entries', entries: placed.flatMap(entriesOf) };
  }
  if (!isFetched(repository.uri)) return toldOf(served, placed, telling);
  const [only] = found;
  // A folder of numbered versions may stand there too, and a digest pins one of these.
  const isSeveral = only?.isVersioned === true && placed.flatMap(({ models }) => models).length > 1;
  const digest = isMoving || isSeveral ? undefined : only?.digest;
  return { kind: 'repository', repository, ...(digest !== undefined && { digest }) };
}

/** By its URI, and which of its versions where there were several to choose from: there may be others by then. */
function fetched({ source, models }: Placed, found: Found | undefined): ModelEntry[] {
  const [first, second] = models;
  if (first === undefined) return [];
  const { versions: _chosen, labels, ...rest } = source;
  const isSeveral = second !== undefined;
  const of = found?.isVersioned === true ? models : [first];
  return of.map(({ name, version, artifact }, at) => {
    const digest = isSeveral && found?.isVersioned === true ? artifact.pin : (found?.digest ?? source.digest);
    return {
      ...rest,
      name,
      ...(found?.isVersioned === true && { versions: { specific: [version] } }),
      ...(digest !== undefined && { digest }),
      ...(at === 0 && labels !== undefined && { labels }),
    };
  });
}

/**
 * A model that a server looks for itself: as the file has it, at an absolute path. What is fetched it fetches itself, so that it
 * sees what comes later; nothing ever changes where it lies once it is here.
 */
function moving({ source, root, models }: Placed, isMoving: boolean): ModelEntry[] {
  const [first] = models;
  if (first === undefined) return [];
  if (isMoving && isFetched(source.uri)) return [{ ...source, name: first.name }];
  const { include: _in, exclude: _out, ...rest } = source;
  return [{ ...rest, name: first.name, uri: root }];
}

/**
 * Just what was found: one entry for each version, the first with the labels. The file's digest is that of all that its URI
 * leads to; a server is told that of the one thing it loads.
 */
function pinned({ source, models }: Placed): ModelEntry[] {
  const { versions: _chosen, labels, digest: _whole, include: _in, exclude: _out, ...rest } = source;
  return models.map(({ name, version, artifact }, at) => ({
    ...rest,
    name,
    version,
    uri: artifact.named ?? artifact.path,
    ...(artifact.pin !== undefined && { digest: artifact.pin }),
    ...(at === 0 && labels !== undefined && { labels }),
  }));
}

/** What a server is told but for where it lies and that this is pinned, which change nothing. */
function withoutPlaces(told: Told): object {
  if (told.kind === 'repository') return { versions: told.repository.versions };
  return told.entries.map(({ uri: _place, digest: _pin, ...entry }) => entry);
}
