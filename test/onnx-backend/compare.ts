/** Whether tensors are the same: bit for bit, as JSON tells them, or as near as ONNX's own tests ask. */
import { fromHalf } from '../../src/server/tensors/half.ts';
import { arrayOf, type RawTensor } from './tensor.ts';

/** As `onnx.backend.test.runner` has them. */
const RELATIVE = 1e-3;
const ABSOLUTE = 1e-7;

/** How much of a tensor carries over: all of its bits, or numbers as JSON has them, to which a NaN is a NaN. */
export type Carried = 'bits' | 'values';

/** The first difference between what is expected and what came, in order; undefined when there is none. */
export function difference(
  expected: readonly RawTensor[],
  actual: readonly RawTensor[],
  carriedBy: (tensor: RawTensor) => Carried,
): string | undefined {
  const names = (tensors: readonly RawTensor[]): string => tensors.map(({ name }) => name).join();
  if (names(expected) !== names(actual)) return `outputs ${names(actual)} instead of ${names(expected)}`;
  for (const [index, wanted] of expected.entries()) {
    const got = actual[index];
    const fault = got === undefined ? 'nothing' : differenceOf(wanted, got, carriedBy(wanted));
    if (fault !== undefined) return `${wanted.name}: ${fault}`;
  }
  return undefined;
}

function differenceOf(expected: RawTensor, actual: RawTensor, carried: Carried): string | undefined {
  if (actual.datatype !== expected.datatype) return `${actual.datatype} instead of ${expected.datatype}`;
  if (String(actual.shape) !== String(expected.shape))
    return `shape [${actual.shape.join()}] instead of [${expected.shape.join()}]`;
  if (actual.raw.equals(expected.raw)) return undefined;
  if (expected.datatype === 'BYTES') return 'other strings';
  if (actual.raw.length !== expected.raw.length)
    return `${actual.raw.length} bytes instead of ${expected.raw.length}`;
  const wanted = arrayOf(expected.datatype, expected.raw);
  const got = arrayOf(expected.datatype, actual.raw);
  const at = wanted.findIndex((value, index) => !Object.is(value, got[index]));
  if (at !== -1) return `element ${at} is ${String(got[at])} instead of ${String(wanted[at])}`;
  return carried === 'values' ? undefined : 'NaNs of other bits';
}

/** Whether what ONNX Runtime answers is what ONNX's reference has. */
export function agrees(reference: readonly RawTensor[], actual: readonly RawTensor[]): boolean {
  return reference.every((wanted, index) => {
    const got = actual[index];
    return got !== undefined && isNear(wanted, got);
  });
}

function isNear(wanted: RawTensor, got: RawTensor): boolean {
  if (got.datatype !== wanted.datatype || String(got.shape) !== String(wanted.shape)) return false;
  if (wanted.datatype === 'BYTES') return got.raw.equals(wanted.raw);
  const values = numbersOf(got);
  return numbersOf(wanted).every((value, index) => {
    const other = values[index] ?? Number.NaN;
    const near = Math.abs(value - other) <= ABSOLUTE + RELATIVE * Math.abs(value);
    return Object.is(value, other) || (Number.isFinite(value) && near);
  });
}

function numbersOf({ datatype, raw }: RawTensor): number[] {
  if (datatype === 'BYTES') return [];
  const numbers = Array.from(arrayOf(datatype, raw), Number);
  return datatype === 'FP16' ? numbers.map(fromHalf) : numbers;
}
