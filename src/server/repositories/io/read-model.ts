import { basename, join } from 'node:path';
import { failure } from '#base';
import { formatOf } from '#spec';
import type { ModelSettings } from '../../models/settings.ts';
import type { OnnxHeader } from '../../runtimes/onnx/header.ts';
import {
  assemble,
  broken,
  chosenOf,
  type FoundVersion,
  type ModelParts,
  policyFor,
  type ReadyVersion,
} from '../assemble.ts';
import { candidateIn, type Listing, type Sought, versionsIn } from '../layout.ts';
import type { BrokenModel, RepositoryModel, ScannedModel } from '../model.ts';
import type { ListedModel } from '../serving-list.ts';
import { CONFIG_FILE, needsHeader, readConfig, type TritonConfig } from '../triton/config.ts';
import { mismatches } from '../triton/tensors.ts';
import type { VersionPolicy } from '../version-policy.ts';
import { filesBeside } from './beside.ts';
import { listing } from './folder.ts';
import type { Memory } from './memory.ts';
import { versionsUnder } from './versions.ts';

export interface ReadOptions {
  /** How models run that do not say otherwise. */
  readonly usual: ModelSettings;
  /** Which versions are served of a model that does not say itself; the latest one where nothing is said. */
  readonly versions?: VersionPolicy | undefined;
  readonly memory: Memory;
  /** A version whose file is no valid model, since it is still being written perhaps, is left out. */
  readonly verify?: boolean | undefined;
  /** The author's class loads each version from its folder, whatever lies in it. */
  readonly isWhole?: boolean | undefined;
}

/** A model that is a folder, by its name; one of TensorFlow Serving's list has `listed`. */
export interface ModelFolder {
  readonly folder: string;
  readonly name: string;
  readonly listed?: ListedModel;
}

/** Reads the folder of a model. Throws what says why it cannot be read. */
export async function readModel(place: ModelFolder, options: ReadOptions): Promise<ScannedModel> {
  const { folder, name, listed } = place;
  const found = await listing(folder);
  const first = await configIn(place, found, options);
  if ('problem' in first) return first;
  const versions = await versionsOf(place, found, { options, config: first.config });
  const read = await completed(first, versions, { place, options });
  if ('problem' in read) return read;
  const { config } = read;
  const { problems = [], ...beside } = config === undefined ? {} : await filesBeside(folder, config);
  if (problems.length > 0) return broken(name, problems);
  const files = 'warmup' in beside ? beside : undefined;
  const parts = { name, found, versions, config, beside: files, listed, versionsElse: options.versions };
  const choice = chosenOf(parts);
  return assemble(parts, choice, await faultsOf(choice.serve, parts, options));
}

/** A model file alone. Throws what `resolveModel` throws. */
export async function readFile(
  path: string,
  name: string,
  { memory }: ReadOptions,
): Promise<RepositoryModel> {
  const { identity, resolved } = await memory.resolve(path);
  const version = resolved.version ?? shortened(resolved.digest);
  const model = { name, version, path: resolved.path, identity };
  return { name, versions: [model], labels: [], left: [], policy: undefined, origins: [], notes: [] };
}

function shortened(digest: string): string {
  return digest.replace('sha256:', '').slice(0, 8);
}

/** What `config.pbtxt` comes to, and its text; TensorFlow Serving's list stands in its place. */
interface Configured {
  readonly config?: TritonConfig;
  readonly text?: string;
}

async function configIn(
  { folder, name, listed }: ModelFolder,
  { files }: Listing,
  { usual, memory }: ReadOptions,
): Promise<Configured | BrokenModel> {
  if (listed !== undefined || !files.includes(CONFIG_FILE)) return {};
  const text = await memory.text(join(folder, CONFIG_FILE));
  // What its samples take is looked at later, with the model.
  const config = readConfig(text, { name, usual, freeRows: true });
  return config.ok ? { config: config.value, text } : broken(name, config.error);
}

async function versionsOf(
  { folder, listed }: ModelFolder,
  found: Listing,
  { options, config }: { readonly options: ReadOptions; readonly config: TritonConfig | undefined },
): Promise<readonly FoundVersion[]> {
  const numbers = versionsIn(found);
  const policy = policyFor({ config, listed, versionsElse: options.versions });
  const sought = { configured: config?.file, isConfigured: config !== undefined, isWhole: options.isWhole };
  if (numbers.length > 0) return versionsUnder({ folder, numbers, sought }, policy);
  return [await unnumbered(folder, { found, sought }, options)];
}

/** Its version is the start of its digest, as that of a file which is served alone. */
async function unnumbered(
  folder: string,
  { found, sought }: { readonly found: Listing; readonly sought: Sought },
  { memory }: ReadOptions,
): Promise<ReadyVersion> {
  const candidate = candidateIn(found, sought);
  if (candidate.kind !== 'file' && candidate.kind !== 'whole') {
    const why = candidate.kind === 'folder' ? `${candidate.name} is a folder` : candidate.why;
    throw failure('model_ambiguous', {
      path: folder,
      found: `${why.replace(/ yet$/, '')}, and no folder of a numbered version`,
    });
  }
  const isFolder = candidate.kind === 'whole' || found.folders.includes(candidate.name);
  const path = candidate.kind === 'whole' ? folder : join(folder, candidate.name);
  const { identity, resolved } = await (isFolder ? memory.resolveWhole(path) : memory.resolve(path));
  return { version: shortened(resolved.digest), kind: 'ready', path: resolved.path, identity };
}

interface Surroundings {
  readonly place: ModelFolder;
  readonly options: ReadOptions;
}

/** A configuration whose samples hang on what the model takes is read again, with that. */
async function completed(
  configured: Configured,
  versions: readonly FoundVersion[],
  { place: { name }, options: { usual, memory } }: Surroundings,
): Promise<Configured | BrokenModel> {
  const { text } = configured;
  if (text === undefined || !needsHeader(text)) return configured;
  const one = versions.find(({ kind }) => kind === 'ready');
  const header = one?.kind === 'ready' ? await memory.header(one.path, one.identity) : undefined;
  const freeRows = header?.ok === true && header.value.inputs.every(({ shape }) => shape[0] === -1);
  const config = readConfig(text, { name, usual, freeRows });
  return config.ok ? { config: config.value } : broken(name, config.error);
}

/** Of the chosen versions, how their files are not what was declared, or no models. */
async function faultsOf(
  serve: readonly string[],
  { versions, config }: Pick<ModelParts, 'versions' | 'config'>,
  { memory, verify = false }: ReadOptions,
): Promise<ReadonlyMap<string, string>> {
  const faults = new Map<string, string>();
  if (!verify && !declaresTensors(config)) return faults;
  for (const one of versions) {
    // Of other formats only their own libraries can tell.
    if (one.kind !== 'ready' || !serve.includes(one.version) || formatOf(one.path) !== 'onnx') continue;
    const header = await memory.header(one.path, one.identity);
    const problems = header.ok ? undeclared(config, header.value) : [`${basename(one.path)} ${header.error}`];
    if (problems.length > 0) faults.set(one.version, problems.join('; '));
  }
  return faults;
}

function declaresTensors(config: TritonConfig | undefined): boolean {
  return config !== undefined && config.tensors.inputs.length + config.tensors.outputs.length > 0;
}

function undeclared(config: TritonConfig | undefined, header: OnnxHeader): readonly string[] {
  return config === undefined ? [] : mismatches(config.tensors, header, config.batched);
}
