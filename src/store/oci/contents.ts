/** What a manifest holds, by the types and names of its layers: each tool that puts models in registries has its own. */
import { err, ok, type Result } from '#base';
import type { Descriptor, Document } from '../registry/manifest.ts';
import { type ArchiveFormat, isSafePath } from '../source.ts';
import { layerFormatOf } from './layer-format.ts';

export type Manifest = Extract<Document, { kind: 'manifest' }>;

/** A layer, and what becomes of it. */
export interface Part {
  readonly layer: Descriptor;
  /** A file of the model, or the name of an archive. */
  readonly path: string;
  readonly format?: ArchiveFormat;
}

export interface Contents {
  /** Layers of an image lie over one another, from the root of a machine. */
  readonly isImage: boolean;
  /** In the order of the manifest. */
  readonly parts: readonly Part[];
}

/** A part, `nothing` for a layer that is none of the model, or undefined for one that is not known. */
type Read = Omit<Part, 'layer'> | 'nothing' | undefined;

const IMAGE_CONFIG = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];
/** https://github.com/modelpack/model-spec; before it moved to the CNCF, it said cnai. */
const MODEL_PACK =
  /^application\/vnd\.(?:cncf|cnai)\.model\.(layer|weight|weight\.config|code|doc|dataset)\.v1\.(raw|tar)(?:\+(gzip|zstd))?$/;
/** https://kitops.org: ModelKits. */
const MODEL_KIT = /^application\/vnd\.kitops\.modelkit\.(\w+)\.v1\.tar(?:\+(gzip|zstd))?$/;
/** https://github.com/docker/model-spec. */
const DOCKER_MODEL = /^application\/vnd\.docker\.ai\.(.+)$/;
const EMPTY = 'application/vnd.oci.empty.v1+json';

const TITLE = 'org.opencontainers.image.title';
const UNPACK = 'io.deis.oras.content.unpack';
const FILE_PATHS = ['org.cncf.model.filepath', 'org.cnai.model.filepath', TITLE];

/** What is to be fetched, in order. The problem names the types of what is not known. */
export function contentsOf(manifest: Manifest): Result<Contents, string> {
  const { layers, config } = manifest;
  const isImage = IMAGE_CONFIG.includes(config.mediaType) && layers.every(isImageLayer);
  const parts: Part[] = [];
  for (const [index, layer] of layers.entries()) {
    const read = isImage ? imageLayer(layer, index) : readLayer(layer, layers);
    if (read === undefined) return err(unknown(manifest));
    if (read !== 'nothing') parts.push({ layer, ...read });
  }
  const problem = parts.length === 0 ? unknown(manifest) : pathProblem(parts);
  return problem === undefined ? ok({ isImage, parts }) : err(problem);
}

function unknown({ layers, config, artifactType }: Manifest): string {
  const found = [...new Set(layers.map(({ mediaType }) => mediaType))];
  const types = found.length === 0 ? 'no layers' : `layers of ${found.slice(0, 5).join(', ')}`;
  return `it is no model that is known here: an image with a folder /models, an ORAS artifact whose layers have titles, a ModelPack, a ModelKit or a model of Docker; it is ${artifactType ?? config.mediaType} and has ${types}`;
}

function pathProblem(parts: readonly Part[]): string | undefined {
  const seen = new Set<string>();
  for (const { path } of parts) {
    if (!isSafePath(path)) return `a layer has the name '${path.slice(0, 100)}', which is not a file's`;
    if (seen.has(path)) return `two layers have the name '${path}'`;
    seen.add(path);
  }
  return undefined;
}

function isImageLayer({ mediaType, annotations }: Descriptor): boolean {
  return layerFormatOf(mediaType) !== undefined && !(TITLE in annotations);
}

function imageLayer({ mediaType, digest }: Descriptor, index: number): Read {
  const format = layerFormatOf(mediaType) ?? 'tar';
  return { path: `layer-${index + 1}-${digest.slice(7, 19)}.${format}`, format };
}

function formatOf(packed: string | undefined): ArchiveFormat {
  return packed === undefined ? 'tar' : (`tar+${packed}` as ArchiveFormat);
}

function readLayer(layer: Descriptor, layers: readonly Descriptor[]): Read {
  const type = layer.artifactType ?? layer.mediaType;
  const pack = MODEL_PACK.exec(type);
  if (pack !== null) return modelPack(layer, pack);
  const kit = MODEL_KIT.exec(type);
  if (kit !== null) return kit[1] === 'dataset' ? 'nothing' : archive(layer, formatOf(kit[2]));
  const docker = DOCKER_MODEL.exec(type)?.[1];
  if (docker !== undefined) return dockerModel(layer, docker, layers);
  if (layer.annotations[TITLE] !== undefined) return titled(layer, layer.annotations[TITLE]);
  return layer.mediaType === EMPTY ? 'nothing' : undefined;
}

/** What a model was trained on is not needed to serve it, and large. */
function modelPack(layer: Descriptor, [, kind, form, packed]: readonly (string | undefined)[]): Read {
  if (kind === 'dataset') return 'nothing';
  if (form === 'tar') return archive(layer, formatOf(packed));
  const path = filePath(layer);
  return packed !== undefined || path === undefined ? undefined : { path };
}

function archive({ digest }: Descriptor, format: ArchiveFormat): Read {
  return { path: `layer-${digest.slice(7, 19)}.${format}`, format };
}

function filePath({ annotations }: Descriptor): string | undefined {
  return FILE_PATHS.map(name => annotations[name]).find(path => path !== undefined);
}

/** Files of fixed names, where it does not say any. Weights in several pieces are in order. */
function dockerModel(layer: Descriptor, kind: string, layers: readonly Descriptor[]): Read {
  if (kind === 'vllm.config.tar') return archive(layer, 'tar');
  const path = filePath(layer) ?? DOCKER_NAMES.get(kind);
  if (path === undefined) return undefined;
  const alike = layers.filter(({ mediaType }) => mediaType === layer.mediaType);
  const isOne = alike.length === 1 || filePath(layer) !== undefined;
  return { path: isOne ? path : numbered(path, alike.indexOf(layer) + 1, alike.length) };
}

const DOCKER_NAMES = new Map([
  ['gguf.v3', 'model.gguf'],
  ['gguf.v3.lora', 'lora.gguf'],
  ['gguf.v3.mmproj', 'mmproj.gguf'],
  ['safetensors', 'model.safetensors'],
  ['license', 'LICENSE'],
  ['chat.template.jinja', 'template.jinja'],
]);

/** As the Hub numbers pieces. */
function numbered(path: string, index: number, count: number): string {
  const dot = path.includes('.') ? path.lastIndexOf('.') : path.length;
  const digits = (number: number): string => String(number).padStart(5, '0');
  return `${path.slice(0, dot)}-${digits(index)}-of-${digits(count)}${path.slice(dot)}`;
}

/**
 * A file as ORAS pushes it, or a folder, packed with gzip whatever type it is given. The command marks a folder so; the library
 * for Python gives it the type of a layer and a title that is no archive's.
 */
function titled({ mediaType, annotations }: Descriptor, title: string): Read {
  const isPackedLayer = (layerFormatOf(mediaType) ?? 'tar') !== 'tar';
  const isFolder = isPackedLayer && !/\.(?:tar|gz|tgz|zst|zip)$/i.test(title);
  const isPacked = annotations[UNPACK] === undefined ? isFolder : annotations[UNPACK] === 'true';
  if (!isPacked) return { path: title };
  if (mediaType.endsWith('zstd')) return { path: title, format: 'tar+zstd' };
  return { path: title, format: mediaType.endsWith('.v1.tar') ? 'tar' : 'tar+gzip' };
}
