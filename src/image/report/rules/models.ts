/** What folders of models have beside what is served. */
import type { BuiltImage } from '../../built.ts';
import type { ModelFiles } from '../../recipe.ts';
import type { Candidate } from '../candidate.ts';
import { largestText } from '../candidate.ts';
import type { Laid, Placed } from '../placed.ts';

const WEIGHTS = /\.(?:safetensors|onnx|pt2?|pth|bin|pb|keras|h5|plan|engine|gguf)$/;
/** What a training leaves behind, as PyTorch, Lightning, Hugging Face and TensorBoard call it. */
const TRAINING =
  /(?:^|\/)(?:optimizer(?:_state)?\.(?:pt|pth|bin|safetensors)|scheduler\.pt|scaler\.pt|rng_state(?:_\d+)?\.pth|training_args\.bin|trainer_state\.json|events\.out\.tfevents[^/]*)$|\/checkpoint-\d+\/|\/(?:lightning_logs|wandb|mlruns)\//;
const CHECKPOINT = /\.ckpt(?:\.(?:index|meta|data-\d+-of-\d+))?$/;
/** Read by people. */
const READING =
  /(?:^|\/)(?:readme[^/]*|model_card[^/]*|[^/]+\.(?:ipynb|md|pdf|png|jpe?g|gif|svg|mp4))$|\/\.git\//i;
/** The same weights as Hugging Face's libraries save them for other frameworks. */
const OTHERS = /(?:^|\/)(?:pytorch_model[^/]*\.bin|tf_model\.h5|flax_model\.msgpack|rust_model\.ot)$/;

interface Kind {
  readonly id: string;
  readonly what: string;
  readonly why: string;
  /** With all files of the model, as some are spare only beside others. */
  readonly among: (files: readonly Placed[]) => readonly Placed[];
}

const KINDS: readonly Kind[] = [
  {
    id: 'model-training',
    what: 'what a training left behind',
    why: 'No server reads it:',
    among: files => {
      const hasWeights = served(files).some(({ path }) => WEIGHTS.test(path));
      return files.filter(({ path }) => TRAINING.test(path) || (hasWeights && CHECKPOINT.test(path)));
    },
  },
  {
    id: 'model-formats',
    what: 'the same weights for other frameworks',
    why: 'The safetensors beside them are what is loaded:',
    among: files => {
      const hasSafe = served(files).some(({ path }) => path.endsWith('.safetensors'));
      return files.filter(({ path }) => hasSafe && OTHERS.test(path));
    },
  },
  {
    id: 'model-reading-matter',
    what: 'what people read',
    why: 'No server reads it:',
    among: files => files.filter(({ path }) => READING.test(path)),
  },
];

/** Of each model by itself. */
export function modelLeftovers(laid: Laid): readonly Candidate[] {
  return modelsOf(laid).flatMap(({ model, files }) =>
    KINDS.map(({ id, what, why, among }) => {
      const found = among(files);
      return {
        id,
        what: `${what}, in ${model.title}`,
        why: `${why} ${largestText(found, fileName)}.`,
        change: `take them out of the model's folder (its digest changes), or where it is fetched: exclude: [${patterns(found)}]`,
        files: found,
      };
    }),
  );
}

function served(files: readonly Placed[]): readonly Placed[] {
  return files.filter(({ path }) => !TRAINING.test(path));
}

function fileName({ path }: Placed): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** All versions of a model but the one with the highest number: each is served, and each is pulled. */
export function oldVersions(laid: Laid): readonly Candidate[] {
  const byName = Map.groupBy(modelsOf(laid), ({ model }) => model.name);
  return [...byName].map(([name, versions]) => {
    const sorted = versions.toSorted((a, b) => order(a.model.version, b.model.version));
    const old = sorted.slice(0, -1);
    return {
      id: 'versions',
      what: `older versions of ${name}`,
      why: `${versions.length} versions are served at once, and each is in the image: ${sorted.map(({ model }) => model.version).join(', ')}.`,
      change: `where clients ask for ${sorted.at(-1)?.model.version} only, in the service file: versions: {latest: 1}`,
      files: old.flatMap(({ files }) => files),
    };
  });
}

interface ModelLayer {
  readonly model: ModelFiles;
  readonly files: readonly Placed[];
}

/** They are the top layers, in the order of the recipe. */
function modelsOf({ image, recipe, files }: Laid): ModelLayer[] {
  const layers = modelLayers(image);
  return recipe.models.flatMap((model, at) => {
    const layer = layers[at];
    return layer === undefined ? [] : [{ model, files: files.filter(file => file.layer === layer) }];
  });
}

function modelLayers({ base, layers }: BuiltImage): number[] {
  return layers.flatMap(({ role }, at) => (role === 'model' ? [base.layers.length + at] : []));
}

function order(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function patterns(files: readonly Placed[]): string {
  const names = new Set(files.map(fileName));
  return [...names]
    .slice(0, 3)
    .map(name => `'**/${name}'`)
    .join(', ');
}
