/** Which model a message means, and which one answered. */
import { invalid, type ServedModel } from '../../models/signature.ts';
import type { Decoded, Encodable } from '../../protobuf/schema.ts';
import type { PredictionService } from '../../protobuf/tensorflow-serving.ts';
import type { Target } from '../port.ts';
import { SIGNATURE } from './signature.ts';

type Request = typeof PredictionService.methods.Predict.request;
type ModelSpec = Decoded<Request>['model_spec'];

const MOST_VERSION = 2n ** 63n - 1n;

/** Throws `input_invalid` when the message names no model. */
export function targetOf(spec: ModelSpec): Target {
  if (spec === undefined) throw invalid('Missing ModelSpec', ['model_spec']);
  const { name, version_choice: choice } = spec;
  if (name === '') throw invalid('ModelSpec has no name specified.', ['model_spec', 'name']);
  if (choice === undefined) return { name };
  return choice.case === 'version'
    ? { name, version: String(choice.value.value) }
    : { name, label: choice.value };
}

/** What an answer says of its model. A version that is no number has no place in it. */
export function modelSpec(
  { name, version }: ServedModel,
  signature = SIGNATURE,
): NonNullable<Encodable<Request>['model_spec']> {
  const number = versionNumber(version);
  const spec = { name, signature_name: signature };
  if (number === undefined) return spec;
  return { ...spec, version_choice: { case: 'version', value: { value: number } } };
}

/** A version as TensorFlow Serving has it: a number of 64 bits. */
export function versionNumber(version: string): bigint | undefined {
  const number = /^\d{1,19}$/.test(version) ? BigInt(version) : undefined;
  return number !== undefined && number <= MOST_VERSION ? number : undefined;
}
