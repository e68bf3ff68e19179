/** What a worker process is told about the model that it is to load, and what it says of it. */
import type { PythonLoader } from '#spec';
import { trials } from '../../models/samples.ts';
import type { TensorSpec } from '../../tensors/tensor.ts';

/** A model of Python. */
export interface PythonModel {
  /** A program on PATH, or a path. */
  readonly interpreter: string;
  /** Each has a file in worker/fairlead/loaders. */
  readonly loader: PythonLoader;
  /** The author's class, and the folder that its module is imported from. */
  readonly class?: { readonly module: string; readonly name: string };
  readonly folder: string;
  /** As pip has them. */
  readonly requirements: readonly string[];
  /** Whether files that run code when they are loaded may be. */
  readonly allowUnsafeFormats: boolean;
  /** Types that a file of skops may hold beside those that skops trusts. */
  readonly trusted: readonly string[];
  /** What the file itself does not say. */
  readonly inputs?: readonly TensorSpec[] | undefined;
  readonly outputs?: readonly TensorSpec[] | undefined;
  readonly batched?: boolean | undefined;
  /** `cpu`, `cuda`, `cuda:1`. */
  readonly device: string;
  /** Bytes that a process may have of its own. */
  readonly memoryBytes?: number;
  /** A run that takes longer is ended, and its process with it. Milliseconds. */
  readonly runMs: number;
}

/** The text of the frame `load`. */
export function loadText(model: PythonModel, path: string, threads: number): string {
  return JSON.stringify({
    path,
    threads,
    loader: model.loader,
    module: model.class?.module,
    name: model.class?.name,
    folder: model.folder,
    requirements: model.requirements,
    unsafe: model.allowUnsafeFormats,
    trusted: model.trusted,
    inputs: model.inputs,
    outputs: model.outputs,
    batched: model.batched,
    device: model.device,
    memory: model.memoryBytes,
    trials,
  });
}

/** OIP/V2's `<project>_<format>` of what a loader loads. */
export const platforms: Readonly<Record<PythonLoader, string>> = {
  class: 'python_class',
  torch: 'pytorch_libtorch',
  safetensors: 'pytorch_safetensors',
  savedmodel: 'tensorflow_savedmodel',
  keras: 'keras_keras',
  skops: 'sklearn_skops',
  joblib: 'sklearn_joblib',
  xgboost: 'xgboost_booster',
  lightgbm: 'lightgbm_booster',
};
