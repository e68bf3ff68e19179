/**
 * The models that every server under comparison has. Each is declared once; from that come an ONNX file for fairlead and a
 * folder for each peer, so that what differs is the server and never the model.
 */
import { elementTypes, onnxModel, type ValueInfo } from '../../src/server/fixtures/onnx-file.ts';
import type { Datatype } from '../../src/server/tensors/tensor.ts';

export interface Fixture {
  readonly name: string;
  /** `identity` answers each INPUTi as OUTPUTi; `add_sub` the sum and the difference of two inputs. */
  readonly computes: 'identity' | 'add_sub';
  readonly datatype: Datatype;
  /** Most rows of one request, the first dimension; 0 when there is no batch dimension. */
  readonly maxBatch: number;
  /** Sizes after the batch dimension; -1 is free. */
  readonly shape: readonly number[];
  /** How many inputs, and as many outputs. */
  readonly tensors: number;
}

const MAX_BATCH = 8;

function identity(name: string, datatype: Datatype, rest: Partial<Fixture> = {}): Fixture {
  return { name, computes: 'identity', datatype, maxBatch: MAX_BATCH, shape: [-1], tensors: 1, ...rest };
}

export const fixtures: readonly Fixture[] = [
  {
    name: 'simple',
    computes: 'add_sub',
    datatype: 'INT32',
    maxBatch: MAX_BATCH,
    shape: [16],
    tensors: 2,
  },
  identity('onnx_zero_1_float32', 'FP32'),
  identity('onnx_zero_3_float32', 'FP32', { tensors: 3 }),
  identity('zero_fp64', 'FP64'),
  identity('zero_fp16', 'FP16'),
  identity('zero_int8', 'INT8'),
  identity('zero_int16', 'INT16'),
  identity('zero_int32', 'INT32'),
  identity('zero_int64', 'INT64'),
  identity('zero_uint8', 'UINT8'),
  identity('zero_uint16', 'UINT16'),
  identity('zero_uint32', 'UINT32'),
  identity('zero_uint64', 'UINT64'),
  identity('zero_bool', 'BOOL'),
  identity('zero_bytes', 'BYTES'),
  /** No batch: its first size is fixed. */
  identity('pairs', 'FP32', { maxBatch: 0, shape: [2, -1] }),
  /** Two free sizes beside the batch. */
  identity('cube', 'FP32', { shape: [-1, -1] }),
  identity('bytes_one', 'BYTES', { shape: [1] }),
  identity('four_scores', 'FP32', { shape: [4] }),
  /** Asked only by the requests about statistics. */
  identity('counted', 'INT32', { shape: [2] }),
  /** Asked only by the requests that load and unload it. */
  identity('come_and_go', 'INT32', { shape: [2] }),
];

export function tensorNames({ tensors }: Fixture, prefix: 'INPUT' | 'OUTPUT'): string[] {
  return Array.from({ length: tensors }, (_, index) => `${prefix}${index}`);
}

/** The bytes of the fixture as an ONNX model. */
export function onnxBytes(fixture: Fixture): Buffer {
  const inputs = tensorNames(fixture, 'INPUT');
  const outputs = tensorNames(fixture, 'OUTPUT');
  const value = (name: string, index: number): ValueInfo => ({
    name,
    type: elementTypes[fixture.datatype],
    shape: onnxShape(fixture, index),
  });
  return onnxModel({
    inputs: inputs.map(value),
    outputs: outputs.map(value),
    nodes: outputs.map((output, index) =>
      fixture.computes === 'add_sub'
        ? { op: index === 0 ? 'Add' : 'Sub', inputs, outputs: [output] }
        : { op: 'Identity', inputs: inputs.slice(index, index + 1), outputs: [output] },
    ),
  });
}

/** Free sizes need names; equal names mean equal sizes, so only the rows share one among the tensors. */
function onnxShape({ maxBatch, shape }: Fixture, index: number): (number | string)[] {
  const sizes = shape.map((size, axis) => (size === -1 ? `size${index}_${axis}` : size));
  return maxBatch === 0 ? sizes : ['rows', ...sizes];
}
