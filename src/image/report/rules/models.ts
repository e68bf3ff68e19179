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

/** Each model's files, and what of them could go. */
export function modelLeftovers(laid: Laid): readonly Candidate[] {
  return modelsOf(laid).flatMap(({ model, files }) => {
    const here = `/${commonFolder(model)}`;
    const hasWeights = files.some(({ path }) => WEIGHTS.test(path) && !TRAINING.test(path));
    const hasSafe = files.some(({ path }) => path.endsWith('.safetensors') && !TRAINING.test(path));
    const isTraining = ({ path }: Placed): boolean =>
      TRAINING.test(path) || (hasWeights && CHECKPOINT.test(path));
    const kinds = [
      { id: 'training', what: 'what a training left behind', isOne: isTraining, why: 'No server reads it:' },
      {
        id: 'formats',
        what: 'the same weights for other frameworks',
        isOne: ({ path }: Placed) => hasSafe && OTHERS.test(path),
        why: 'The safetensors beside them are what is loaded:',
      },
      {
        id: 'reading-matter',
        what: 'what people read',
        isOne: ({ path }: Placed) => READING.test(path),
        why: 'No server reads it:',
      },
    ];
    return kinds.map(({ id, what, isOne, why }) => {
      const found = files.filter(isOne);
      return {
        id: `model-${id}`,
        what: `${what}, in ${model.title}`,
        why: `${why} ${largestText(found, ({ path }) => path.slice(here.length))}.`,
        change: `take them out of the model's folder (its digest changes), or where it is fetched: exclude: [${patterns(found)}]`,
        files: found,
      };
    });
  });
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

function commonFolder({ name, version }: ModelFiles): string {
  return `models/${name}/${version}/`;
}

function order(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function patterns(files: readonly Placed[]): string {
  const names = new Set(files.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)));
  return [...names]
    .slice(0, 3)
    .map(name => `'**/${name}'`)
    .join(', ');
}
