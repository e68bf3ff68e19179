/** What kind of model a file is, by its name: what runs it, and how, follows from that. */

/** All that can be served. */
export const modelFormats = [
  'onnx',
  'torch',
  'safetensors',
  'savedmodel',
  'keras',
  'skops',
  'joblib',
  'xgboost',
  'lightgbm',
] as const;

export type ModelFormat = (typeof modelFormats)[number];

/** Formats of models that processes of Python run. */
export type PythonFormat = Exclude<ModelFormat, 'onnx'>;

const byEnding: Readonly<Record<string, ModelFormat>> = {
  '.onnx': 'onnx',
  '.pt': 'torch',
  '.pt2': 'torch',
  '.pth': 'torch',
  '.torchscript': 'torch',
  '.safetensors': 'safetensors',
  '.keras': 'keras',
  '.skops': 'skops',
  '.joblib': 'joblib',
  '.pickle': 'joblib',
  '.pkl': 'joblib',
  '.ubj': 'xgboost',
  '.xgb': 'xgboost',
  '.lgb': 'lightgbm',
};

/** The file that makes a folder a SavedModel. */
export const SAVED_MODEL = 'saved_model.pb';

/** The format of a file; undefined for what is no model, as far as its name tells. */
export function formatOf(name: string): ModelFormat | undefined {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? undefined : byEnding[name.slice(dot).toLowerCase()];
}

/**
 * Of the files in a folder, those that are its models. Where one is ONNX, files of other formats belong to it: what it was made
 * of, or what prepares its inputs. Hidden ones are what editors and other systems leave.
 */
export function modelFilesOf(names: readonly string[]): readonly string[] {
  const visible = names.filter(name => !name.startsWith('.') && formatOf(name) !== undefined);
  const onnx = visible.filter(name => formatOf(name) === 'onnx');
  return onnx.length > 0 ? onnx : visible;
}
