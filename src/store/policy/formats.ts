/**
 * Which files a model may have, as far as their names tell. A file whose name may be that of something safe, such as `.pt` of a
 * TorchScript, is let in: whoever loads it looks into it, and refuses what would run code.
 */
import { formatOf, type ModelFormat, SAVED_MODEL } from '#spec';

/** Names that only pickles have, and what could be saved instead. */
const pickles: readonly (readonly [name: RegExp, glob: (name: string) => string, instead: string])[] = [
  // Libraries open those that are compressed by themselves.
  [
    /\.(?:pkl|pickle|joblib|dill|cloudpickle|pck)(?:\.(?:gz|z|bz2|xz|lzma|lz4|zst))?$/i,
    byEnding,
    'skops, ubj of XGBoost, or ONNX',
  ],
  [/\.ckpt$/i, byEnding, 'safetensors or ONNX'],
  // Weights of PyTorch as Hugging Face's libraries name them; another `.bin` may be anything.
  [/^(?:\w+_)?(?:pytorch|adapter)_model(?:[.-][\w.-]*)?\.bin$/i, stemGlob, 'safetensors or ONNX'],
  [/^(?:training_args|optimizer|scheduler)\.bin$/i, name => name, 'safetensors or ONNX'],
];

/** Models of kinds that are not served: where formats are named, these are none of them. */
const OTHERS = /\.(?:h5|hdf5|gguf|ggml|tflite|mlmodel|msgpack|mar|bst|cbm|pmml)$/i;

const SAFE: readonly ModelFormat[] = ['onnx', 'safetensors', 'skops', 'xgboost', 'lightgbm'];

/** What is wrong with a file, and what to do. */
export interface Refusal {
  readonly problem: string;
  readonly remedy: string;
}

/** The first file that runs code when it is loaded, for sure. */
export function unsafeAmong(paths: readonly string[]): Refusal | undefined {
  const found = paths.flatMap(path => {
    const pickle = pickleOf(nameOf(path));
    return pickle === undefined ? [] : [{ path, ...pickle }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const safe = paths.find(path => SAFE.some(format => format === formatOf(nameOf(path))));
  const remedy =
    safe === undefined
      ? `save it as ${first.instead}`
      : `${safe} holds no code: leave the others out with exclude: ${list(found.map(({ glob }) => glob))}`;
  return {
    problem: `${first.path} is a pickle, which runs whatever it says when it is loaded`,
    remedy: `${remedy}; or set runtime.python.allowUnsafeFormats if you trust whoever made it`,
  };
}

function pickleOf(name: string): { readonly glob: string; readonly instead: string } | undefined {
  const found = pickles.find(([shape]) => shape.test(name));
  return found && { glob: found[1](name), instead: found[2] };
}

/** The last ending of a name, and before it that of what was compressed. */
const ENDING = /\.[^.]*(?:\.(?:gz|z|bz2|xz|lzma|lz4|zst))?$/i;

function byEnding(name: string): string {
  return `*${ENDING.exec(name)?.[0] ?? name}`;
}

function stemGlob(name: string): string {
  return name.replace(/_model.*$/i, '_model*.bin');
}

export interface Formats {
  readonly formats: readonly ModelFormat[];
  /** Whose rule it is. */
  readonly name: string;
  /** What is not fetched, nothing can be left out of. */
  readonly isFetched: boolean;
}

/** The first model file of a format that is not among those that are let in. */
export function strayAmong(
  paths: readonly string[],
  { formats, name, isFetched }: Formats,
): Refusal | undefined {
  const isStray = (path: string): boolean => {
    const format = formatOfPath(path);
    return format === undefined ? isOther(path) : !formats.includes(format);
  };
  const stray = paths.filter(isStray);
  const [first] = stray;
  if (first === undefined) return undefined;
  const format = formatOfPath(first) ?? 'a format that is not served';
  const good = paths.find(path => formatOfPath(path) !== undefined && !isStray(path));
  return {
    problem: `${first} is of ${format}, and ${name} lets in only ${formats.join(', ')}`,
    remedy: good === undefined ? 'save it as one of these' : withoutOthers({ good, stray, isFetched }),
  };
}

interface Mixed {
  readonly good: string;
  readonly stray: readonly string[];
  readonly isFetched: boolean;
}

function withoutOthers({ good, stray, isFetched }: Mixed): string {
  if (!isFetched) return `name ${good} itself, or take the others out of its folder`;
  return `leave what is not ${good} out with exclude: ${list(stray.map(path => byEnding(nameOf(path))))}`;
}

function formatOfPath(path: string): ModelFormat | undefined {
  const name = nameOf(path);
  return name === SAVED_MODEL ? 'savedmodel' : formatOf(name);
}

function isOther(path: string): boolean {
  return OTHERS.test(path) || pickleOf(nameOf(path)) !== undefined;
}

/** Whether none of the files is a model that could be served in its own right. */
export function holdsNone(paths: readonly string[]): boolean {
  return paths.every(path => formatOfPath(path) === undefined);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function list(globs: readonly string[]): string {
  return `[${[...new Set(globs)].map(glob => `'${glob}'`).join(', ')}]`;
}
