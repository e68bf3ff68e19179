/** Numbers of a wider type, as protobuf carries them, into the array of their datatype: exactly, or not at all. */
import { invalid } from '../models/signature.ts';
import type { ByteStrings } from './byte-strings.ts';
import type { RawReading } from './raw.ts';
import { shown } from './shown.ts';
import { allocate, type TensorData } from './tensor.ts';

export type Numbers = Exclude<TensorData, ByteStrings>;

/** `values` as the datatype's own array; the same array where it is one already. Throws `input_invalid`. */
export function narrow(values: Numbers, { datatype, name, at }: RawReading): TensorData {
  const kind = (allocate(datatype, 0) as Numbers).constructor;
  if (values.constructor === kind) return values;
  const data = new (kind as new (values: Numbers) => Numbers)(values);
  for (let index = 0; index < data.length; index++)
    if (data[index] !== values[index])
      throw invalid(
        `input '${shown(name)}' wants an integer that fits ${datatype}; element ${index} is ${String(values[index])}`,
        at,
      );
  return data;
}
