/** The one signature that an ONNX model has, under TensorFlow's default name. */
import type { Place } from '#base';
import { invalid } from '../../models/signature.ts';
import type { Scanner } from '../../tensors/scanner.ts';
import { shown } from '../../tensors/shown.ts';

export const SIGNATURE = 'serving_default';
export const METHOD = 'tensorflow/serving/predict';

/** Reads a body's member `signature_name`. Throws `input_invalid` when it is not the model's. */
export function readSignature(scanner: Scanner): void {
  if (!scanner.isString()) throw invalid("'signature_name' key must be a string value", ['signature_name']);
  checkSignature(scanner.string(), ['signature_name']);
}

/** No name means the default. */
export function checkSignature(name: string, at: Place): void {
  if (name === '' || name === SIGNATURE) return;
  throw invalid(`Serving signature name: "${shown(name)}" not found in signature def`, at);
}
