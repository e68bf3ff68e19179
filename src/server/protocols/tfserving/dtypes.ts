/** TensorFlow's names and numbers of datatypes. */
import { DataType } from '../../protobuf/tensorflow.ts';
import type { Datatype } from '../../tensors/tensor.ts';

const names = {
  BOOL: 'DT_BOOL',
  UINT8: 'DT_UINT8',
  UINT16: 'DT_UINT16',
  UINT32: 'DT_UINT32',
  UINT64: 'DT_UINT64',
  INT8: 'DT_INT8',
  INT16: 'DT_INT16',
  INT32: 'DT_INT32',
  INT64: 'DT_INT64',
  FP16: 'DT_HALF',
  FP32: 'DT_FLOAT',
  FP64: 'DT_DOUBLE',
  BYTES: 'DT_STRING',
} as const satisfies Readonly<Record<Datatype, keyof typeof DataType.values>>;

/** `DT_FLOAT` */
export function dtypeName(datatype: Datatype): string {
  return names[datatype];
}

/** `float`, as TensorFlow's messages have it. */
export function dtypeWord(datatype: Datatype): string {
  return names[datatype].slice('DT_'.length).toLowerCase();
}

export function dtypeNumber(datatype: Datatype): number {
  return DataType.values[names[datatype]];
}

const byNumber: ReadonlyMap<number, Datatype> = new Map(
  (Object.keys(names) as Datatype[]).map(datatype => [dtypeNumber(datatype), datatype]),
);

/** The datatype of a number, undefined for types that no model here takes. */
export function datatypeOf(dtype: number): Datatype | undefined {
  return byNumber.get(dtype);
}

/** What messages call a number: `DT_COMPLEX64`, or `DataType 99`. */
export function numberName(dtype: number): string {
  const named = Object.entries(DataType.values).find(([, number]) => number === dtype);
  return named?.[0] ?? `DataType ${dtype}`;
}
