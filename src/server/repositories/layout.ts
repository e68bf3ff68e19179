/** What a folder is by what lies in it: a model, or a repository of them. */
import { formatOf, isVersionNumber, modelFilesOf, SAVED_MODEL } from '#spec';
import { CONFIG_FILE } from './triton/config.ts';

/** What lies in a folder; links are what they lead to. */
export interface Listing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Its name, by which TensorFlow Serving's configuration file is found in a folder. */
export const LIST_FILE = 'models.config';

export type Layout =
  | { readonly kind: 'list' }
  | { readonly kind: 'model' }
  /** One model file beside folders: those are models too, if one of them says so by what lies in it. */
  | ({ readonly kind: 'either' } & Repository)
  | ({ readonly kind: 'repository' } & Repository);

/** Files and folders that are models, each by its own name. */
type Repository = Listing;

/** A folder with a configuration, a numbered version or just one model file is a model; any other is a repository. */
export function layoutOf(listing: Listing): Layout {
  if (listing.files.includes(LIST_FILE) && !listing.files.includes(CONFIG_FILE)) return { kind: 'list' };
  if (isSurelyModel(listing)) return { kind: 'model' };
  const files = modelFilesOf(listing.files);
  const folders = listing.folders.filter(isVisible);
  if (files.length !== 1) return { kind: 'repository', files, folders };
  return folders.length === 0 ? { kind: 'model' } : { kind: 'either', files, folders };
}

/** By more than the one file that may lie anywhere. */
export function isSurelyModel({ files, folders }: Listing): boolean {
  return files.includes(CONFIG_FILE) || folders.some(isVersionNumber);
}

/** The versions there are, by the names of their folders. */
export function versionsIn({ folders }: Listing): readonly string[] {
  return folders.filter(isVersionNumber);
}

function isVisible(name: string): boolean {
  return !name.startsWith('.');
}

/** Which file of a version is its model, or why there is none. */
export type Candidate =
  /** A file, or a folder that is a model: a SavedModel. */
  | { readonly kind: 'file'; readonly name: string }
  /** A folder with the name of a model file, and in it a file of that name beside its weights. */
  | { readonly kind: 'folder'; readonly name: string }
  /** The folder of the version itself. */
  | { readonly kind: 'whole' }
  /** Perhaps it is still being written. */
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

/** What is known of the model before its versions are looked into. */
export interface Sought {
  /** The file that its configuration names. */
  readonly configured?: string | undefined;
  /** It has a configuration, as models of Triton do: then it is what Triton takes it for. */
  readonly isConfigured?: boolean;
  /** The author's class loads each version from its folder, whatever lies in it. */
  readonly isWhole?: boolean | undefined;
}

const USUAL = 'model.onnx';

/** As Triton calls a SavedModel, which is a folder. */
const TRITONS_SAVED_MODEL = 'model.savedmodel';

/** What others serve, by the name of its file or folder. */
const others: readonly (readonly [name: RegExp, what: string])[] = [
  [
    /^saved_model\.pb(txt)?$|^model\.savedmodel$/,
    'a TensorFlow SavedModel, which Triton serves; it is served here without a configuration of Triton, or as ONNX, which tf2onnx makes of it',
  ],
  [/^model\.graphdef$/, 'a TensorFlow graph, which Triton serves; tf2onnx makes an ONNX file of it'],
  [/^model\.plan$/, 'a TensorRT engine, which Triton serves'],
  [
    /^model\.pt2?$/,
    'a model of PyTorch, which Triton serves; it is served here without a configuration of Triton, or as ONNX, which torch.onnx.export makes of it',
  ],
  [
    /^model\.py$/,
    "a model in Python, which Triton serves; here it is the author's class, which runtime.python.class names",
  ],
  [/^model\.xml$/, 'a model of OpenVINO, which OpenVINO Model Server serves'],
];

/** Chooses by a configured name; without one by the usual name, or by being the only one. */
export function candidateIn(listing: Listing, sought: Sought): Candidate {
  if (sought.isWhole) return { kind: 'whole' };
  return (
    onnxIn(listing, sought) ??
    (sought.isConfigured ? undefined : pythonIn(listing)) ??
    noneIn(listing, sought)
  );
}

function onnxIn({ files, folders }: Listing, { configured }: Sought): Candidate | undefined {
  const name = configured ?? USUAL;
  if (files.includes(name)) return { kind: 'file', name };
  if (folders.includes(name) && name.endsWith('.onnx')) return { kind: 'folder', name };
  const models = modelFilesOf(files).filter(one => formatOf(one) === 'onnx');
  return configured === undefined ? onlyOf(models) : undefined;
}

/** What Python runs: a SavedModel, or the only file of one of its formats. */
function pythonIn({ files, folders }: Listing): Candidate | undefined {
  if (files.includes(SAVED_MODEL)) return { kind: 'whole' };
  if (folders.includes(TRITONS_SAVED_MODEL)) return { kind: 'file', name: TRITONS_SAVED_MODEL };
  return onlyOf(modelFilesOf(files));
}

function onlyOf(models: readonly string[]): Candidate | undefined {
  const [only, second] = models;
  if (only === undefined) return undefined;
  return second === undefined ? { kind: 'file', name: only } : { kind: 'refused', why: tooMany(models) };
}

function noneIn({ files, folders }: Listing, { configured, isConfigured }: Sought): Candidate {
  const other = others.find(([shape]) => [...files, ...folders].some(one => shape.test(one)));
  if (other !== undefined) return { kind: 'refused', why: `it holds ${other[1]}` };
  const wanted = configured ?? (isConfigured ? '.onnx file' : 'model file');
  return { kind: 'none', why: `it holds no ${wanted} yet` };
}

function tooMany(models: readonly string[]): string {
  const one = models.some(name => formatOf(name) === 'onnx')
    ? `; call one ${USUAL}, or name it in default_model_filename`
    : '';
  return `it holds ${models.toSorted().join(', ')}${one}`;
}
