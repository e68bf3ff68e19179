/** Tensors in OIP/V2's gRPC messages: their elements in `contents` or as raw bytes. */
import { checkCount, invalid } from '../../models/signature.ts';
import type { InferTensorContents } from '../../protobuf/oip-infer.ts';
import type { Decoded } from '../../protobuf/schema.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { narrow } from '../../tensors/narrow.ts';
import type { RawReading } from '../../tensors/raw.ts';
import { shown } from '../../tensors/shown.ts';
import { type Datatype, MOST_RANK, type TensorData } from '../../tensors/tensor.ts';

type Contents = Decoded<typeof InferTensorContents>;

/** The field of `contents` that has a datatype's elements; half precision has none. */
const fields: Readonly<Partial<Record<Datatype, keyof Contents>>> = {
  BOOL: 'bool_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
};

const allFields = [...new Set(Object.values(fields))];

/** The elements in `contents`. Throws `input_invalid` when they are not as many, not in range, or in another field. */
export function readContents(contents: Contents, reading: RawReading): TensorData {
  const { datatype, name, shape, at } = reading;
  const field = fields[datatype];
  if (field === undefined)
    throw invalid(
      `input '${shown(name)}' has datatype ${datatype}, which only raw_input_contents can carry`,
      at,
    );
  const other = allFields.find(one => one !== field && contents[one].length > 0);
  if (other !== undefined)
    throw invalid(
      `input '${shown(name)}' of datatype ${datatype} has its elements in ${field}, not in ${other}`,
      at,
    );
  const values = contents[field];
  checkCount({ name, shape, count: values.length, at });
  return isList(values) ? ByteStrings.of(values) : narrow(values, reading);
}

function isList(values: Contents[keyof Contents]): values is readonly Buffer[] {
  return Array.isArray(values);
}

export function hasContents(contents: Contents | undefined): contents is Contents {
  return contents !== undefined && allFields.some(field => contents[field].length > 0);
}

/** A shape as numbers that count exactly. Throws `input_invalid`. */
export function readShape(
  sizes: ArrayLike<bigint>,
  name: string,
  at: readonly (string | number)[],
): number[] {
  if (sizes.length > MOST_RANK)
    throw invalid(`the shape of input '${shown(name)}' has more than ${MOST_RANK} dimensions`, at);
  return Array.from(sizes, size => {
    if (size < 0n)
      throw invalid(`All input dimensions should be specified for input '${shown(name)}', got ${size}`, at);
    if (size > Number.MAX_SAFE_INTEGER)
      throw invalid(`the size ${size} in the shape of input '${shown(name)}' exceeds any tensor's`, at);
    return Number(size);
  });
}
