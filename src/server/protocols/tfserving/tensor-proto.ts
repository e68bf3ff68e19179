/**
 * Tensors as TensorFlow's messages, by the rules of its `Tensor::FromProto`: elements are all in `tensor_content`, or in the
 * list of their type, where the last one stands for all that are missing and none for zeros. What TensorFlow passes over in
 * silence is refused: values beyond the shape, in the list of another type, or out of their type's range.
 */
import type { Place } from '#base';
import { invalid } from '../../models/signature.ts';
import type { Decoded, Encodable } from '../../protobuf/schema.ts';
import type { TensorProto } from '../../protobuf/tensorflow.ts';
import { ByteStrings } from '../../tensors/byte-strings.ts';
import { type Numbers, narrow } from '../../tensors/narrow.ts';
import { type RawReading, readRaw } from '../../tensors/raw.ts';
import { shown } from '../../tensors/shown.ts';
import {
  allocate,
  type Datatype,
  elementCount,
  MOST_RANK,
  shapeText,
  type Tensor,
  type TensorData,
} from '../../tensors/tensor.ts';
import { datatypeOf, dtypeNumber, numberName } from './dtypes.ts';
import { type Filling, sizeOf } from './filling.ts';
import { readStringList } from './string-list.ts';

type Message = Decoded<typeof TensorProto>;

/** The list that has a datatype's elements. */
const lists = {
  BOOL: 'bool_val',
  UINT8: 'int_val',
  UINT16: 'int_val',
  UINT32: 'uint32_val',
  UINT64: 'uint64_val',
  INT8: 'int_val',
  INT16: 'int_val',
  INT32: 'int_val',
  INT64: 'int64_val',
  FP16: 'half_val',
  FP32: 'float_val',
  FP64: 'double_val',
  BYTES: 'string_val',
} as const satisfies Readonly<Record<Datatype, keyof Message>>;

const allLists = [...new Set(Object.values(lists))];

export interface Reading {
  /** The input's name. */
  readonly name: string;
  /** Where it stands in the request, for messages. */
  readonly at: Place;
  readonly filling: Filling;
}

/** Throws `input_invalid`. */
export function readTensorProto(message: Message, { name, at, filling }: Reading): Tensor {
  const datatype = datatypeOf(message.dtype);
  if (datatype === undefined)
    throw invalid(
      `input '${shown(name)}' is of type ${numberName(message.dtype)}, which no model here takes`,
      at,
    );
  const reading = { name, datatype, at, shape: shapeOf(message, name, at) };
  checkLists(message, reading);
  return { datatype, shape: reading.shape, data: dataOf(message, reading, filling) };
}

function shapeOf({ tensor_shape }: Message, name: string, at: Place): number[] {
  const { dim = [], unknown_rank = false } = tensor_shape ?? {};
  if (unknown_rank) throw invalid(`the shape of input '${shown(name)}' is of unknown rank`, at);
  if (dim.length > MOST_RANK)
    throw invalid(`the shape of input '${shown(name)}' has more than ${MOST_RANK} dimensions`, at);
  return dim.map(({ size }) => {
    if (size >= 0n && size <= Number.MAX_SAFE_INTEGER) return Number(size);
    throw invalid(`the shape of input '${shown(name)}' has the size ${size}, which no tensor has`, at);
  });
}

/** What stands where nobody looks for it is an error of the client's, and would be zeros to the model. */
function checkLists(message: Message, { name, datatype, at }: RawReading): void {
  const list = lists[datatype];
  const hasContent = message.tensor_content.length > 0;
  const other = allLists.find(one => (one !== list || hasContent) && message[one].length > 0);
  if (other === undefined) return;
  const right = hasContent ? 'tensor_content' : list;
  throw invalid(`input '${shown(name)}' has its elements in ${right}, so there must be none in ${other}`, at);
}

function dataOf(message: Message, reading: RawReading, filling: Filling): TensorData {
  const { datatype, shape } = reading;
  const content = message.tensor_content;
  if (content.length > 0)
    return datatype === 'BYTES' ? readStringList(content, reading) : readRaw(content, reading);
  const values = message[lists[datatype]];
  const count = elementCount(shape);
  if (values.length > count)
    throw invalid(
      `input '${shown(reading.name)}' has ${values.length} values, and its shape ${shapeText(shape)} has ${count} elements`,
      reading.at,
    );
  return isStrings(values)
    ? filledStrings(values, count, { reading, filling })
    : filledNumbers(values, count, { reading, filling });
}

function isStrings(values: Numbers | readonly Buffer[]): values is readonly Buffer[] {
  return Array.isArray(values);
}

interface Within {
  readonly reading: RawReading;
  readonly filling: Filling;
}

function filledStrings(values: readonly Buffer[], count: number, { reading, filling }: Within): ByteStrings {
  if (values.length === count) return ByteStrings.of(values);
  const last = values.at(-1);
  const missing = count - values.length;
  // Where they go from here, each may become a string of its own.
  filling.take(sizeOf('BYTES', missing, missing * (last?.length ?? 0)), reading);
  const strings = ByteStrings.empty(count);
  for (const [index, value] of values.entries()) strings.set(index, value);
  strings.starts.fill(strings.starts[values.length - 1] ?? 0, values.length);
  strings.ends.fill(strings.ends[values.length - 1] ?? 0, values.length);
  return strings;
}

/** A typed array of any kind, which TypeScript cannot fill without knowing which. */
interface Fillable {
  set(source: TensorData): void;
  fill(value: number | bigint, from: number): void;
}

function filledNumbers(values: Numbers, count: number, { reading, filling }: Within): TensorData {
  const given = narrow(values, reading);
  if (given.length === count) return given;
  filling.take(sizeOf(reading.datatype, count - given.length, 0), reading);
  const data = allocate(reading.datatype, count);
  const last = (given as Numbers).at(-1);
  if (last === undefined) return data;
  (data as unknown as Fillable).set(given);
  (data as unknown as Fillable).fill(last, given.length);
  return data;
}

/**
 * In the lists, as TensorFlow Serving answers: clients that know no TensorFlow read `float_val` and nothing else. It is no
 * larger than `tensor_content` for floats, and smaller for most integers.
 */
export function tensorProto({ datatype, shape, data }: Tensor): Encodable<typeof TensorProto> {
  const values =
    data instanceof ByteStrings ? Array.from({ length: data.length }, (_, index) => data.at(index)) : data;
  return {
    dtype: dtypeNumber(datatype),
    tensor_shape: { dim: shape.map(size => ({ size: BigInt(size) })) },
    [lists[datatype]]: values,
  };
}
