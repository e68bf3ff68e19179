/** What a folder is by what lies in it: a model, or a repository of them. */
import { isVersionNumber } from '#spec';
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
  const files = modelFiles(listing.files);
  const folders = listing.folders.filter(isVisible);
  if (files.length !== 1) return { kind: 'repository', files, folders };
  return folders.length === 0 ? { kind: 'model' } : { kind: 'either', files, folders };
}

/** By more than the one file that may lie anywhere. */
export function isSurelyModel({ files, folders }: Listing): boolean {
  return files.includes(CONFIG_FILE) || folders.some(isVersionNumber);
}

/** Files of models. Hidden ones are what editors and other systems leave. */
export function modelFiles(files: readonly string[]): readonly string[] {
  return files.filter(name => isVisible(name) && name.endsWith('.onnx'));
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
  | { readonly kind: 'file'; readonly name: string }
  /** A folder with the name of a model file, and in it a file of that name beside its weights. */
  | { readonly kind: 'folder'; readonly name: string }
  /** Perhaps it is still being written. */
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

const USUAL = 'model.onnx';

/** What others serve, by the name of its file or folder. */
const others: readonly (readonly [name: RegExp, what: string])[] = [
  [
    /^saved_model\.pb(txt)?$|^model\.savedmodel$/,
    'a TensorFlow SavedModel, which TensorFlow Serving serves; tf2onnx makes an ONNX file of it',
  ],
  [/^model\.graphdef$/, 'a TensorFlow graph, which Triton serves; tf2onnx makes an ONNX file of it'],
  [/^model\.plan$/, 'a TensorRT engine, which Triton serves'],
  [/^model\.pt2?$/, 'a model of PyTorch, which Triton serves; torch.onnx.export makes an ONNX file of it'],
  [/^model\.py$/, 'a model in Python, which Triton serves'],
  [/^model\.xml$/, 'a model of OpenVINO, which OpenVINO Model Server serves'],
];

/** Chooses by a configured name; without one by the usual name, or by being the only one. */
export function candidateIn({ files, folders }: Listing, configured: string | undefined): Candidate {
  const name = configured ?? USUAL;
  if (files.includes(name)) return { kind: 'file', name };
  if (folders.includes(name) && name.endsWith('.onnx')) return { kind: 'folder', name };
  const models = modelFiles(files);
  const [only, second] = models;
  if (configured === undefined && only !== undefined)
    return second === undefined ? { kind: 'file', name: only } : { kind: 'refused', why: tooMany(models) };
  const other = others.find(([shape]) => [...files, ...folders].some(one => shape.test(one)));
  if (other !== undefined) return { kind: 'refused', why: `it holds ${other[1]}` };
  return {
    kind: 'none',
    why: configured === undefined ? 'it holds no .onnx file yet' : `it holds no ${name} yet`,
  };
}

function tooMany(models: readonly string[]): string {
  return `it holds ${models.toSorted().join(', ')}; call one ${USUAL}, or name it in default_model_filename`;
}
