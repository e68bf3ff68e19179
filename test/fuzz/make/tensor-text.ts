/** Tensors as JSON, most of them right for their datatype and shape. */
import type { Datatype, TensorSpec } from '../../../src/server/tensors/tensor.ts';
import type { Random } from '../random.ts';
import { leaf, number, space, string } from './json.ts';
import { writable } from './shapes.ts';

const FITTING: Readonly<Record<Datatype, readonly string[]>> = {
  BOOL: ['true', 'false'],
  UINT8: ['0', '255', '7.0', '1e2'],
  UINT16: ['0', '65535', '300'],
  UINT32: ['0', '4294967295', '70000.0'],
  UINT64: ['0', '18446744073709551615', '9007199254740993', '1e19'],
  INT8: ['-128', '127', '-1.0'],
  INT16: ['-32768', '32767', '-3e2'],
  INT32: ['-2147483648', '2147483647', '12.0'],
  INT64: ['-9223372036854775808', '9223372036854775807', '9007199254740993', '1e18'],
  FP16: ['0', '65504', '0.1', 'NaN', '-Infinity', '5.9e-8'],
  FP32: ['0', '3.4e38', '0.1', 'NaN', 'Infinity', '1e-45', '-0.0'],
  FP64: ['0', '1.7e308', '0.1', 'NaN', '-Infinity', '5e-324', '-0.0'],
  BYTES: ['""', '"a"', '"é€😀"', '"\\u0000\\n"', '{"b64":"AP8="}', '{ "b64" : "" }'],
};

/** Elements of another kind stand in one tensor of a few only, or no other would be read to its end. */
export function tensorText(random: Random, datatype: Datatype, shape: readonly number[]): string {
  const isOdd = random.chance(0.3);
  return nest(random, shape, () =>
    isOdd && random.chance(0.2) ? odd(random, datatype) : fitting(random, datatype),
  );
}

function fitting(random: Random, datatype: Datatype): string {
  if (datatype === 'BYTES' && random.chance(0.5)) return string(random);
  if (datatype.startsWith('FP') && random.chance(0.3)) return String(random.between(-9999, 9999) / 100);
  return random.pick(FITTING[datatype]);
}

function odd(random: Random, datatype: Datatype): string {
  if (random.chance(0.2))
    return random.pick(['[]', '[1]', '{}', '{"b64":1}', '{"b64":"A"}', '{"b64":"AA==","c":1}', '']);
  return datatype === 'BYTES' || random.chance(0.5) ? leaf(random) : number(random);
}

function nest(random: Random, shape: readonly number[], element: () => string): string {
  const [size, ...inner] = shape;
  if (size === undefined) return `${space(random)}${element()}${space(random)}`;
  const isRagged = random.chance(0.01);
  const count = isRagged ? Math.max(0, size + random.between(-1, 1)) : size;
  return `[${random.list(count, () => nest(random, inner, element)).join(',')}]`;
}

/** For an input; of another shape where that one cannot be written out. */
export function tensorFor(spec: TensorSpec, shape: readonly number[], random: Random): string {
  return tensorText(random, spec.datatype, writable(shape));
}
