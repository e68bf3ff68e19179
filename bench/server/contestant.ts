/** What the bench knows of a server: how it is started and where it is asked. */
import type { Form } from './forms.ts';
import type { Model } from './models.ts';

/** Where and how one asks a server for a model. */
export interface Door {
  readonly path: string;
  readonly form: Form;
}

export interface Contestant {
  readonly name: string;
  /** Rows of one peer share it: its batching off and on. The better of them counts. */
  readonly peer: string;
  readonly kind: 'fairlead' | 'python' | 'native' | 'floor';
  /** Which of bench/peers/requirements it needs. */
  readonly environment?: string;
  /** The command that serves `models`; `{port}` stands for the port. Without one it prints its URL. */
  readonly command: (models: readonly Model[]) => readonly [string, ...string[]];
  /** Undefined for a model that it is not asked for. */
  readonly door: (model: Model) => Door | undefined;
  /** Where it says that it lives. */
  readonly live: string;
  /** Whether --quick measures it. */
  readonly quick: boolean;
}

/** The path of the Open Inference Protocol. */
export function v2(form: Form, model: Model): Door {
  return { path: `/v2/models/${model.name}/infer`, form };
}

/** The protocol's binary tensors for the image, its JSON for the rest. */
export function openInference(model: Model): Door {
  return v2(model.name === 'cnn' ? 'binary' : 'v2', model);
}
